import RandomStreams
import Records
import Statistics

/// Rigorous records made of seeded random numbers, with planted effects for a test to find.
struct Synthetic {
  static let layers = 2
  static let heads = 3
  static let names = (0..<layers).flatMap { layer in
    (0..<heads).map { "L\(layer)_H\($0)" } + ["L\(layer)_MLP"]
  }

  private var stream: CounterStream

  init(_ seed: UInt64) { stream = CounterStream(seed: seed, purpose: .validation) }

  mutating func normal() -> Double { Double(stream.normal()) }
  mutating func normals(_ count: Int) -> [Double] { (0..<count).map { _ in normal() } }

  /// Few draws, so that a test is fast.
  static let draws = (resamples: 499, permutations: 1999)

  static func run(
    _ task: String = "sort", seed: Int, classes: [ComponentClass] = [], inWindow: Bool = true,
    rigorous: RunRecord.Rigorous = rigorous(), pruning: RunRecord.Pruning? = nil
  ) -> RunRecord {
    let labels = classes.isEmpty ? Array(repeating: .neutral, count: names.count) : classes
    let components = names.enumerated().map { place, name in
      RunRecord.ComponentRecord(
        name: name, layer: place / (heads + 1),
        head: place % (heads + 1) == heads ? nil : place % (heads + 1),
        gradient: [:], causal: [:], gradientRank: 1, causalRank: 1, delta: 0, componentClass: labels[place],
        measures: [:])
    }
    var run = HandMade.run(task, seed: seed, inWindow: inWindow, components: components, pruning: pruning)
    run.protocolName = "rigorous"
    run.rigorous = rigorous
    return run
  }

  static func rigorous(
    gradients: [RunRecord.GradientTable] = [], causal: [RunRecord.CausalTable] = [],
    correlations: [RunRecord.ScoreCorrelation] = [], confidence: [RunRecord.ClassConfidence] = [],
    faithfulness: [RunRecord.FaithfulnessRecord] = [], sets: [RunRecord.JointEffect] = [],
    pairs: [[Double]] = [], shapley: [RunRecord.ShapleyTable] = [], lengths: [RunRecord.LengthResult] = [],
    features: [String: [Double]] = [:], steps: [RunRecord.DecompositionStep] = []
  ) -> RunRecord.Rigorous {
    .init(
      samples: 2000, gradients: gradients, causal: causal, correlations: correlations,
      classConfidence: confidence, faithfulness: faithfulness,
      redundancy: .init(
        sets: sets, pairInteractions: pairs, pairInteractionsExactMatch: [], shapley: shapley),
      lengths: lengths, features: features, decomposition: steps)
  }

  static func correlation(
    _ score: String = "frobenius", _ distribution: String = "ood", _ method: String = "mean",
    _ effect: String = "exact_match", rho: Double?, corrected: Double? = nil, reason: String? = nil
  ) -> RunRecord.ScoreCorrelation {
    .init(
      score: score, distribution: distribution, method: method, effect: effect, rho: rho,
      corrected: corrected,
      interval: nil, reason: reason)
  }

  static func gradient(_ values: [Double], reliability: Double? = nil) -> RunRecord.GradientTable {
    .init(
      score: "frobenius", distribution: "ood", isSigned: false, first: values, second: values, values: values,
      reliability: reliability.map { Reliability(half: 0, whole: $0) })
  }

  static func causal(_ values: [Double], reliability: Double? = nil) -> RunRecord.CausalTable {
    .init(
      method: "mean", effect: "exact_match", base: 0.5, first: values, second: values, values: values,
      standardErrors: values.map { _ in 0.01 },
      reliability: reliability.map { Reliability(half: 0, whole: $0) })
  }

  static func joint(
    _ name: String = "all_bloats", _ effect: String = "exact_match", count: Int = 3, joint: Double,
    sum: Double,
    inDistribution: Double? = nil
  ) -> RunRecord.JointEffect {
    .init(
      name: name, components: Array(names.prefix(count)), effect: effect, joint: joint,
      jointStandardError: 0.01,
      sumOfSingles: sum, sumStandardError: 0.01, inDistribution: inDistribution)
  }
}

/// The two-sided sign-flip p-value over all sign patterns, implemented again for the tests.
func signFlipP(_ values: [Double], oneSided: Bool = false) -> Double {
  let observed = values.reduce(0, +)
  var extreme = 0
  for signs in 0..<(1 << values.count) {
    let sum = values.indices.reduce(0.0) { $0 + (signs >> $1 & 1 == 1 ? -values[$1] : values[$1]) }
    if (oneSided ? sum : abs(sum)) >= (oneSided ? observed : abs(observed)) - 1e-12 { extreme += 1 }
  }
  return Double(extreme) / Double(1 << values.count)
}
