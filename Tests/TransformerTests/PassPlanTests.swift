import Tasks
import Testing

@testable import Transformer

@Suite("The passes of forked forwards") struct PassPlanTests {
  private static let configuration = ModelConfiguration(
    layers: 12, heads: 12, dModel: 768, dMLP: 3072, vocabulary: 50257, context: 1024, positions: .learned)

  @Test(
    "keep to the limits of rows and of logits for sequences of any length",
    arguments: [1, 16, 24, 64, 200, 1024],
    [false, true])
  func limits(length: Int, hasAllTargets: Bool) {
    let components = Component.all(of: Self.configuration)
    let interventions = (0..<3).flatMap { run in
      components.map { Intervention(patches: [Patch(.output($0), run == 0 ? .zero : .run(run))]) }
    }
    var targets = [Int32](repeating: hasAllTargets ? 1 : TokenSequence.noLoss, count: length)
    targets[length - 1] = 1
    let sequence = TokenSequence(tokens: [Int32](repeating: 1, count: length), targets: targets)
    let count = 5
    let tokens = [[Int32]](repeating: sequence.tokens, count: count)
    let samples = ForkedForward.Samples(
      [TokenSequence](repeating: sequence, count: count), otherRuns: [tokens, tokens])
    let plan = PassPlan(Self.configuration, .live, rowLimit: 4096)
    let (rows, outputRows) = plan.widest(interventions, samples)
    // A single sequence has three runs and as many slots that are patched, whatever the limits are. Neighbours share unevenly.
    #expect(rows <= max(4096 * 5 / 4, 7 * length))
    #expect(outputRows <= max(plan.outputLimit * 5 / 4, 7 * (hasAllTargets ? length : 1)))
    let groups = plan.groups(interventions, samples)
    #expect(groups.joined().sorted() == Array(interventions.indices))
    #expect(groups.count <= (length == 16 && !hasAllTargets ? 5 : 160))
  }
}
