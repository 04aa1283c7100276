import Compute
import Importance
import RandomStreams
import Tasks
import Transformer

/// A forward over one batch under one intervention, by hooks: what forked forwards have to equal.
extension Transformer {
  func plainScores(
    _ samples: CausalSamples, _ intervention: ComponentIntervention, means: ComponentMeans?
  ) throws -> [TargetScore] {
    func batch(_ tokens: [[Int32]]) throws -> Batch {
      try Batch(
        zip(tokens, samples.sequences).map { TokenSequence(tokens: $0, targets: $1.targets) },
        for: configuration, on: device)
    }
    let clean = samples.sequences.map(\.tokens)
    let run = try batch(intervention.method == .denoising ? samples.corrupted : clean)
    let kind: ReplacementKind =
      switch intervention.method {
      case .mean: .mean
      case .zero: .zero
      case .published: .published
      case .resample: .patch(from: try ActivationCache(self, batch(samples.donors)))
      case .noising: .patch(from: try ActivationCache(self, batch(samples.corrupted)))
      case .denoising: .patch(from: try ActivationCache(self, batch(clean)))
      }
    try forward(
      run, hooks: try Hooks.applying([Intervention(intervention.components, kind)], means: means, to: self))
    return try readTargetScores(run, foils: try Batch.foilRows(samples.sequences, samples.foils))[0]
  }
}

extension Examples {
  static func causalSamples(
    _ count: Int, _ length: ClosedRange<Int>, seed: UInt64, task: IntegerTask = .sort
  ) throws -> CausalSamples {
    var stream = CounterStream(seed: seed, purpose: .evaluation)
    let pairs = try task.corruptedPairs(count, length: length, from: &stream)
    var draws = CounterStream(seed: seed, purpose: .resample)
    return CausalSamples(pairs, from: &draws)
  }
}
