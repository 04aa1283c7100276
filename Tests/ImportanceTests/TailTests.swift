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

  @Test(
    "have the results of separate forwards, bit for bit, in every family", arguments: Fixtures.families,
    Backend.allCases)
  func equalsPlain(family: String, backend: Backend) throws {
    let checkpoint = try Checkpoint(contentsOf: Fixtures.url("families/\(family)"))
    let model = try Transformer(
      checkpoint.configuration, parameters: [checkpoint.parameters], on: backend.make())
    let data = Self.data(vocabulary: model.configuration.vocabulary)
    var donors = CounterStream(seed: 152, purpose: .resample)
    let samples = CausalSamples(data, from: &donors)
    let components = Component.all(of: model.configuration)
    let sets =
      [[]] + components.map { [$0] } + [components, [components[0], components[components.count - 1]]]
    let interventions = try [InterventionMethod.noising, .denoising].flatMap { method in
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
    // Divergences are those from the clean run, which shares the pass.
    evaluation.measuresDivergence = true
    let diverging = try evaluation.outcomes(interventions)
    #expect(diverging[0].klDivergence == [Double](repeating: 0, count: Self.count))
    #expect(diverging.map(\.logProbability) == together.map(\.logProbability))
    #expect(diverging[1].klDivergence.allSatisfy { $0 < 0 })
  }
}
