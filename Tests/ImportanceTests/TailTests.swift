import CPUDevice
import Importance
import RandomStreams
import Tasks
import TestDevices
import TestModels
import TestSupport
import Testing
import Transformer

@Suite("Patches between runs that begin alike") struct TailTests {
  private static let (count, length) = (5, 9)

  /// Random sequences with targets at their ends; in the corrupted run, each differs from another position on.
  private static func data(vocabulary: Int) -> TokenData {
    var stream = CounterStream(seed: 151, purpose: .evaluation)
    func token() -> Int32 { Int32(stream.integer(in: 0..<vocabulary)) }
    var (sequences, corrupted, foils): ([TokenSequence], [[Int32]], [[Int32]]) = ([], [], [])
    for number in 0..<count {
      let tokens = (0..<length).map { _ in token() }
      let targets = (0..<length).map { $0 < length - 2 ? TokenSequence.noLoss : token() }
      sequences.append(TokenSequence(tokens: tokens, targets: targets))
      corrupted.append(tokens.enumerated().map { $0 < 2 + number ? $1 : ($1 + 1) % Int32(vocabulary) })
      foils.append(targets.map { $0 < 0 ? $0 : ($0 + 1) % Int32(vocabulary) })
    }
    return TokenData(sequences, corrupted: corrupted, foils: foils)
  }

  /// Every family on the CPU device, and one of each arrangement and norm on the others.
  private static let cases: [(family: String, backend: Backend)] = Backend.allCases.flatMap { backend in
    (backend == .cpu ? Fixtures.families : ["gpt2", "neox", "gemma2"]).map { ($0, backend) }
  }

  @Test("have the results of separate forwards, bit for bit, in every family", arguments: cases)
  func equalsPlain(family: String, backend: Backend) throws {
    let checkpoint = try Checkpoint(contentsOf: Fixtures.url("families/\(family)"))
    let model = try Transformer(
      checkpoint.configuration, parameters: [checkpoint.parameters], on: backend.make())
    let data = Self.data(vocabulary: model.configuration.vocabulary)
    var donors = CounterStream(seed: 152, purpose: .resample)
    try compare(model, CausalSamples(data, from: &donors), [.noising, .denoising])
  }

  /// A target before the difference; no difference; tokens after the last target; several targets; a short sequence.
  /// Differences begin late enough that tails are worth their passes.
  private static let mixed: TokenData = {
    let rows: [(length: Int, targets: Set<Int>, difference: Int?)] = [
      (11, [6, 10], 8), (11, [10], nil), (12, [7], 6), (10, [8, 9], 7), (4, [3], 3),
      (11, [10], 9),
    ]
    var (sequences, corrupted): ([TokenSequence], [[Int32]]) = ([], [])
    for (number, row) in rows.enumerated() {
      let tokens = (0..<row.length).map { Int32(1 + (7 * $0 + 11 * number) % 90) }
      sequences.append(
        TokenSequence(
          tokens: tokens,
          targets: tokens.indices.map { row.targets.contains($0) ? Int32($0) : TokenSequence.noLoss }))
      corrupted.append(tokens.enumerated().map { $0 == row.difference ? 91 : $1 })
    }
    return TokenData(sequences, corrupted: corrupted, foils: nil)
  }()

  @Test("do so for targets, differences and lengths of every kind", arguments: [1, 3])
  func mixed(layers: Int) throws {
    let model = try Examples.randomModel(
      ModelConfiguration(layers: layers, heads: 4, dModel: 24, dMLP: 40), seed: 153,
      on: CPUDevice(threads: 2))
    var donors = CounterStream(seed: 154, purpose: .resample)
    try compare(model, CausalSamples(Self.mixed, from: &donors), [.noising, .denoising, .resample])
  }

  /// Compares interventions on no, single, all and two components with separate forwards, and their divergences with those of
  /// each alone, for which no tails are worth it.
  private func compare(_ model: Transformer, _ samples: CausalSamples, _ methods: [InterventionMethod]) throws
  {
    let components = Component.all(of: model.configuration)
    let sets =
      [[]] + components.map { [$0] } + [components, [components[0], components[components.count - 1]]]
    let interventions = try methods.flatMap { method in
      try sets.map { try method.intervention(on: $0) }
    }
    var evaluation = CausalEvaluation(model, samples)
    let together = try evaluation.outcomes(interventions)
    for (intervention, outcomes) in zip(interventions, together) {
      #expect(outcomes == Outcomes(try model.plainScores(samples, intervention)), "\(intervention)")
    }
    #expect(Set(together.map(\.logProbability)).count > interventions.count / 2)
    evaluation.rowLimit = 50
    #expect(try evaluation.outcomes(interventions) == together)
    evaluation.measuresDivergence = true
    let diverging = try evaluation.outcomes(interventions)
    #expect(diverging[0].klDivergence == [Double](repeating: 0, count: samples.count))
    #expect(Set(diverging.map(\.klDivergence)).count > interventions.count / 2)
    for (intervention, outcomes) in zip(interventions, diverging) {
      #expect(try evaluation.outcomes([intervention]) == [outcomes], "\(intervention)")
    }
  }
}
