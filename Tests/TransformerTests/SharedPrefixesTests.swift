import Compute
import RandomStreams
import Tasks
import TestDevices
import TestModels
import Testing

@testable import Transformer

@Suite("Sequences that begin alike") struct SharedPrefixesTests {
  /// Sequences over two tokens, many of which begin alike, and some of which are equal; two other runs over them, and foils.
  private static func samples(_ count: Int, seed: UInt64) -> ForkedForward.Samples {
    var stream = CounterStream(seed: seed, purpose: .validation)
    func tokens(_ length: Int) -> [Int32] { (0..<length).map { _ in Int32(stream.integer(in: 0..<2)) } }
    let lengths = (0..<count).map { _ in stream.integer(in: 3..<9) }
    let sequences = lengths.enumerated().map { index, length in
      let first = stream.integer(in: (index % 5 == 0 ? 0 : 2)..<length)
      let targets = (0..<length).map { $0 < first ? TokenSequence.noLoss : Int32(stream.integer(in: 3..<9)) }
      return TokenSequence(tokens: [0, 1] + tokens(length - 2), targets: targets)
    }
    // The first begins like the sequences, the second does not.
    let runs = [lengths.map { [0, 2] + tokens($0 - 2) }, lengths.map(tokens)]
    let foils = lengths.map { length in (0..<length).map { _ in Int32(stream.integer(in: 3..<9)) } }
    return ForkedForward.Samples(sequences, otherRuns: runs, foils: foils)
  }

  private static func part(_ samples: ForkedForward.Samples, runs: Int) -> ForkedForward.Samples {
    ForkedForward.Samples(
      samples.sequences, otherRuns: Array(samples.otherRuns.prefix(runs)), foils: samples.foils)
  }

  /// Ablations, unchanged runs, outputs of other runs, an edge, and patched streams.
  private static func interventions(_ configuration: ModelConfiguration, runs: Int) -> [Intervention] {
    let components = Component.all(of: configuration)
    let ones = { (component: Component) in
      [Double](repeating: 0.3, count: component.head == nil ? configuration.dModel : configuration.dHead)
    }
    var all: [Intervention] = [.none]
    for component in components {
      all.append(Intervention(patches: [Patch(.output(component), .zero)]))
      all.append(Intervention(patches: [Patch(.output(component), .constant(ones(component)))]))
    }
    all.append(Intervention(patches: components.map { Patch(.output($0), .zero) }))
    all.append(
      Intervention(patches: [
        Patch(.residual(1), .constant([Double](repeating: 0.1, count: configuration.dModel)))
      ]))
    for run in 1..<max(runs + 1, 1) {
      all.append(Intervention(run: run))
      all += components.map { Intervention(patches: [Patch(.output($0), .run(run))]) }
      all += components.prefix(2).map { Intervention(run: run, patches: [Patch(.output($0), .run(0))]) }
      all.append(
        Intervention(patches: [
          Patch(
            .input(.head(layer: 1, head: 0), .query),
            .difference(of: .output(components[0]), from: .run(0), to: .run(run)))
        ]))
    }
    return all
  }

  @Test(
    "give every one the scores that it has alone, bit for bit", arguments: Backend.allCases,
    [ModelConfiguration.Positions.learned, .rotary])
  func equalsAlone(backend: Backend, positions: ModelConfiguration.Positions) throws {
    let configuration = OddModel.configuration(positions, layers: 2)
    let model = try Transformer(random: configuration, seed: 71, attentionScale: 4, on: backend.make())
    let forked = ForkedForward(model)
    let count = backend == .reference ? 7 : 19
    for runs in 0...2 {
      let samples = Self.part(Self.samples(count, seed: 72), runs: runs)
      let interventions = Self.interventions(configuration, runs: runs)
      let groups = PassPlan(configuration, .live, rowLimit: 60).groups(interventions, samples)
      #expect(
        groups.contains { $0.prefixes != nil }
          && groups.flatMap(\.members).sorted() == Array(interventions.indices))
      for rowLimit in [60, ForkedForward.defaultRowLimit] {
        let together = try forked.scores(samples, interventions, rowLimit: rowLimit)
        for index in 0..<count {
          let alone = try forked.scores(samples[index..<index + 1], interventions)
          #expect(together.map { $0[index] } == alone.map { $0[0] }, "sequence \(index), \(runs) runs")
        }
        #expect(Set(together.map { $0.map(\.logProbability) }).count > interventions.count / 2)
      }
      var diverging = samples
      diverging.measuresDivergence = true
      let divergences = try forked.scores(diverging, interventions)
      for index in 0..<min(count, 5) {
        let alone = try forked.scores(diverging[index..<index + 1], interventions)
        #expect(divergences.map { $0[index] } == alone.map { $0[0] })
      }
    }
  }

  @Test("are neighbours, and share what all runs have in common before the first target")
  func lengths() {
    func sequence(_ tokens: [Int32], firstTarget: Int) -> TokenSequence {
      TokenSequence(
        tokens: tokens, targets: tokens.indices.map { $0 < firstTarget ? TokenSequence.noLoss : 1 })
    }
    let sequences = [
      sequence([1, 2, 3, 4], firstTarget: 3), sequence([2, 2, 3, 4], firstTarget: 3),
      sequence([1, 2, 3, 4, 5], firstTarget: 4), sequence([1, 2, 5, 4], firstTarget: 1),
      sequence([1, 2, 3, 4], firstTarget: 3),
    ]
    let samples = ForkedForward.Samples(sequences)
    let prefixes = SharedPrefixes(of: samples, in: [0])
    #expect(prefixes.order == [0, 4, 2, 3, 1])
    #expect(prefixes.lengths == [0, 3, 3, 1, 0])
    #expect(prefixes.restored(["a", "b", "c", "d", "e"]) == ["a", "e", "c", "d", "b"])
    #expect(prefixes.count == 7)
    #expect(prefixes.lengths(in: 1..<4) == [0, 3, 1])
    #expect(samples.ordered(prefixes.order).sequences == prefixes.order.map { sequences[$0] })
    // The other run of the last sequence begins otherwise.
    let run: [[Int32]] = sequences.map(\.tokens).dropLast() + [[1, 7, 3, 4]]
    let both = ForkedForward.Samples(sequences, otherRuns: [run])
    #expect(SharedPrefixes(of: both, in: [0, 1]).lengths == [0, 1, 1, 1, 0])

    func groups(
      _ positions: ModelConfiguration.Positions, _ samples: ForkedForward.Samples, _ runs: [Int],
      _ selection: RowSelection = .live, on kind: DeviceDescription.Kind = .cpu
    ) -> [[Int]?] {
      let interventions = runs.map { run in
        Intervention(patches: [Patch(.output(.mlp(layer: 0)), run == 0 ? .zero : .run(run))])
      }
      return PassPlan(OddModel.configuration(positions, layers: 2), selection, rowLimit: .max, on: kind)
        .groups(interventions, samples).map { $0.prefixes?.lengths }
    }
    // 7 of 21 rows are shared, or 1 of 9. To copy all keys takes longer than to compute less than an eighth of the rows, and lists
    // of their own take a GPU's host longer than less than a quarter.
    #expect(groups(.learned, samples, [0]) == [[0, 3, 3, 1, 0]])
    #expect(groups(.rotary, samples, [0]) == [[0, 3, 3, 1, 0]])
    let few = ForkedForward.Samples(Array(sequences[2..<4]))
    #expect(groups(.learned, few, [0]) == [[0, 1]])
    #expect(groups(.rotary, few, [0]) == [nil])
    #expect(groups(.learned, samples, [0], on: .gpu) == [[0, 3, 3, 1, 0]])
    #expect(groups(.learned, few, [0], on: .gpu) == [nil])
    // A sequence without a target would be left out.
    let silent = TokenSequence(
      tokens: [1, 2, 3], targets: [Int32](repeating: TokenSequence.noLoss, count: 3))
    #expect(groups(.learned, ForkedForward.Samples(sequences + [silent]), [0]) == [nil])
    // Interventions that need no other run share more rows.
    #expect(groups(.learned, both, [0, 1]) == [[0, 3, 3, 1, 0], [0, 1, 1, 1, 0]])
    // Where every row has logits, and without samples, none is shared.
    #expect(groups(.learned, samples, [0], .all) == [nil])
    #expect(groups(.learned, ForkedForward.Samples([]), [0]) == [])
  }

  @Test("are computed with more samples at a time than others if they share much")
  func division() {
    func sequence(_ number: Int, sharing count: Int) -> TokenSequence {
      TokenSequence(
        tokens: (0..<72).map { $0 < count ? 1 : Int32(($0 * $0 + 13 * number) % 997) },
        targets: (0..<72).map { $0 < 71 ? TokenSequence.noLoss : 1 })
    }
    let configuration = ModelConfiguration(
      layers: 6, heads: 8, dModel: 256, dMLP: 1024, vocabulary: 997, context: 128, positions: .learned)
    let interventions = Component.all(of: configuration).map {
      Intervention(patches: [Patch(.output($0), .zero)])
    }
    let plan = PassPlan(configuration, .live, rowLimit: 4096)
    func work(_ shared: Int) -> (work: Int, most: Int, capacity: BatchCapacity) {
      let samples = ForkedForward.Samples((0..<96).map { sequence($0, sharing: shared) })
      let groups = plan.groups(interventions, samples)
      let pieces = groups.map { plan.pieces(plan.tree(of: $0, interventions), $0) }
      return (
        groups.count * (pieces.first?.count ?? 0), pieces.joined().map(\.count).max() ?? 0,
        plan.capacity(interventions, samples)
      )
    }
    let (apart, alike) = (work(0), work(60))
    #expect(apart.most == 1)
    #expect(alike.most >= 8)
    #expect(4 * alike.work < apart.work)
    #expect(apart.capacity.rows <= 4096 && alike.capacity.rows <= 4096)
  }

  @Test("have no rows twice")
  func rows() throws {
    let configuration = OddModel.configuration(.learned, layers: 2)
    let sequences = [[1, 2, 3, 4], [1, 2, 3, 5], [1, 2, 6, 7, 8], [9, 2]].map { tokens in
      TokenSequence(
        tokens: tokens.map(Int32.init),
        targets: tokens.indices.map { $0 < tokens.count - 1 ? TokenSequence.noLoss : 1 })
    }
    var lane = Lane(sequences: sequences)
    lane.beginnings = Beginnings(starts: [0, 3, 2, 0], place: .sequenceBefore)
    let one = try PackedBatch([lane], .live, for: configuration)
    #expect(one.lists.tokens == [1, 2, 3, 4, 5, 6, 7, 8, 9, 2])
    #expect(one.lists.positions == [0, 1, 2, 3, 3, 2, 3, 4, 0, 1])
    #expect(one.lists.keyRows == [0, 1, 2, 3, 0, 1, 2, 4, 0, 1, 5, 6, 7, 8, 9])
    #expect(one.lists.keyPositions == [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 4, 0, 1])
    #expect(one.lists.outputs == [3, 4, 7, 9])

    // A lane that is repeated has the rows of as many lanes.
    let lanes = try PackedBatch([lane, lane, lane], .live, for: configuration)
    let repeated = try PackedBatch(repeating: one, count: 3, for: configuration)
    for list in [
      \BatchRows.tokens, \.positions, \.rowPositions, \.outputs, \.outputPositions, \.targets, \.keyRows,
      \.keyPositions, \.rowInputs, \.keyInputs,
    ] { #expect(repeated.lists[keyPath: list] == lanes.lists[keyPath: list]) }
    #expect(repeated.lists.weights == lanes.lists.weights)
    #expect(repeated.lists.groups == lanes.lists.groups && repeated.inputs.groups == lanes.inputs.groups)
    #expect(repeated.lists.outputGroups == lanes.lists.outputGroups)
    #expect(repeated.lists.attention == lanes.lists.attention)
    #expect(repeated.lists.outputAttention == lanes.lists.outputAttention)
    #expect(repeated.lists.sequenceRows == lanes.lists.sequenceRows)
    #expect(repeated.lists.sequenceOutputRows == lanes.lists.sequenceOutputRows)
    #expect(repeated.lists.longestSequence == lanes.lists.longestSequence)
  }
}
