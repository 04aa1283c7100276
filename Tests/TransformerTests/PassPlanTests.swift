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
    let capacity = plan.capacity(interventions, samples)
    // A single sequence has three runs and as many slots that are patched, whatever the limits are. Neighbours share unevenly.
    #expect(capacity.rows <= max(4096 * 5 / 4, 7 * length))
    #expect(capacity.outputRows <= max(plan.outputLimit * 5 / 4, 7 * (hasAllTargets ? length : 1)))
    #expect(capacity.keyRows <= max(PassPlan.keysPerRow * 4096 * 5 / 4, 7 * length))
    let groups = plan.groups(interventions, samples)
    #expect(groups.flatMap(\.members).sorted() == Array(interventions.indices))
    #expect(groups.count <= (length == 16 && !hasAllTargets ? 5 : 160))
  }

  /// Four sequences of ten tokens, no two of which begin alike. Run 1 differs from the token at some position on, and run 2 from the
  /// first on.
  private static let samples: ForkedForward.Samples = {
    let starts = [4, 6, 9, 7]
    let sequences = starts.indices.map { number in
      TokenSequence(
        tokens: [60 + Int32(number)] + (1..<10).map { Int32($0) },
        targets: (0..<10).map { $0 < 8 ? TokenSequence.noLoss : Int32(number) })
    }
    let corrupted = zip(starts, sequences).map { start, sequence in
      sequence.tokens.enumerated().map { $0 == start ? 50 : $1 }
    }
    return ForkedForward.Samples(sequences, otherRuns: [corrupted, corrupted.map { [51] + $0.dropFirst() }])
  }()

  @Test("begin tails where runs differ, and before the first target")
  func tails() {
    #expect(Tails(of: [0, 1], in: Self.samples).starts == [4, 6, 8, 7])
    #expect(Tails(of: [1, 2], in: Self.samples).starts == [0, 0, 0, 0])
    #expect(Tails(of: [0], in: Self.samples).starts == [8, 8, 8, 8])
    #expect(Tails(of: [0, 1], in: Self.samples)[1..<3].starts == [6, 8])
  }

  @Test("hold tails for patches between runs that begin alike, together with these runs alone")
  func groups() {
    let components = Component.all(of: Self.configuration)
    func patched(_ run: Int, _ value: Patch.Value) -> [Intervention] {
      components.map { Intervention(run: run, patches: [Patch(.output($0), value)]) }
    }
    var configuration = Self.configuration
    configuration.vocabulary = 104
    let plan = PassPlan(configuration, .live, rowLimit: .max)
    let noising = patched(0, .run(1))
    let all = [.none] + patched(0, .zero) + noising + patched(1, .run(0)) + patched(0, .run(2)) + [.none]
    let count = components.count
    let groups = plan.groups(all, Self.samples)
    #expect(groups.map { $0.tails?.starts } == [[4, 6, 8, 7], nil])
    #expect(Set(groups[0].members) == Set([0, 4 * count + 1] + Array(count + 1..<3 * count + 1)))
    // A slot has 15 rows instead of 40, and the two runs have all.
    let whole = plan.capacity(patched(0, .zero), Self.samples).rows
    #expect(plan.capacity(noising, Self.samples).rows <= whole * 15 / 40 + 80)
    // A single patch saves less than the runs take, and where every row has logits, none can be left out.
    #expect(plan.groups([.none, noising[0]], Self.samples).map { $0.tails == nil } == [true])
    #expect(
      PassPlan(Self.configuration, .all, rowLimit: .max).groups(noising, Self.samples).allSatisfy {
        $0.tails == nil
      })
  }
}
