import Testing

@testable import Transformer

@Suite("A fork tree") struct ForkTreeTests {
  private static let order = ForwardOrder(
    ModelConfiguration(layers: 4, heads: 4, dModel: 8, dMLP: 8).blocks)

  /// Interventions at the components of four layers with four heads and an MLP each.
  private func patch(_ component: Int, _ value: Patch.Value) -> Patch {
    let (layer, place) = (component / 5, component % 5)
    return Patch(.output(place == 4 ? .mlp(layer: layer) : .head(layer: layer, head: place)), value)
  }

  private func intervention(_ components: [Int], run: Int = 0, _ value: Patch.Value = .zero) -> Intervention {
    Intervention(run: run, patches: components.map { patch($0, value) })
  }

  /// Replays the steps of a tree and records what each slot has been given.
  private func replay(_ tree: ForkTree) -> [Intervention] {
    var slots = tree.runs.map { Intervention(run: $0) }
    for step in tree.steps {
      #expect(slots.count == step.count)
      for (one, other) in step.swaps { slots.swapAt(one, other) }
      let before = slots
      for fork in step.forks {
        var changed = before[fork.source]
        changed.patches += fork.patches
        // Givers stay in their places, and an MLP that is computed is not one that is replaced.
        #expect(fork.slot >= tree.givers)
        if step.place.part == .mlp, step.streams.isEmpty { #expect(fork.slot >= step.computed) }
        for (site, index) in fork.streams {
          let stream = step.streams[index]
          #expect(stream.source == fork.source)
          let patches = fork.patches.filter { $0.site == site }
          #expect(stream.values.count == patches.count && Set(stream.values) == Set(patches.map(\.value)))
        }
        #expect(Set(fork.streams.keys) == Set(fork.patches.filter(\.isInput).map(\.site)))
        if fork.slot < before.count {
          #expect(fork.slot == fork.source)
          slots[fork.slot] = changed
        } else {
          #expect(fork.slot == slots.count && fork.source < before.count)
          slots.append(changed)
        }
      }
    }
    #expect(slots.count == tree.finalCount)
    return tree.finalSlots.map { slots[$0] }
  }

  @Test("gives every intervention its patches and no others")
  func replayed() {
    let pairs = (0..<20).flatMap { i in (i + 1..<20).map { intervention([i, $0]) } }
    let sets = [
      [], Array(0..<20), [4, 9, 14, 19], [0, 1, 2, 3, 4], [4], [4], [3, 4, 7, 9], [0, 4, 7, 9], [9, 12],
    ]
    let values: [(run: Int, value: Patch.Value)] = [
      (0, .constant([3])), (0, .run(1)), (1, .run(0)), (0, .run(2)), (0, .zero),
    ]
    let mixed = values.flatMap { run, value in sets.map { intervention($0, run: run, value) } }
    for interventions in [pairs, mixed, [intervention([7])], Array(mixed.reversed())] {
      let tree = ForkTree(interventions, Self.order)
      let replayed = replay(tree)
      #expect(replayed.map(\.run) == interventions.map(\.run))
      #expect(replayed.map { Set($0.patches) } == interventions.map { Set($0.patches) })
      #expect(replayed.map(\.patches.count) == interventions.map(\.patches.count))
    }
    #expect(ForkTree([intervention([7])], Self.order).finalCount == 1)
    // Given runs come first, whether they were requested or not.
    #expect(ForkTree([intervention([7], .run(2))], Self.order).runs == [2, 0])
  }

  @Test("shares common work: all pairs need a third of the MLPs of separate forwards")
  func shared() {
    func mlps(_ interventions: [Intervention]) -> [Int] {
      ForkTree(interventions, Self.order).steps.filter { $0.place.part == .mlp }.map(\.computed)
    }
    let singles = [intervention([])] + (0..<20).map { intervention([$0]) }
    #expect(mlps(singles) == [5, 10, 15, 20])
    let pairs = (0..<20).flatMap { i in (i + 1..<20).map { intervention([i, $0]) } }
    // Before each layer's MLP, none, one or two of the components below it and of its heads are patched.
    #expect(mlps(singles + pairs) == [11, 46, 106, 191])
    // An MLP that every intervention replaces is not computed.
    #expect(mlps([intervention([4, 9]), intervention([4, 9, 10])]) == [0, 0, 2, 2])
  }

  /// The output in run 1, in place of run 0's, of a head of the first layer or of the embedding.
  private func edge(_ writer: Site, _ reader: Site) -> Patch {
    Patch(reader, .difference(of: writer, from: .run(0), to: .run(1)))
  }

  @Test("applies edges at their receivers' inputs, and ports that read the same stream share it")
  func edges() {
    let (one, other) = (Site.output(.head(layer: 0, head: 0)), Site.residual(0))
    let head = Component.head(layer: 2, head: 3)
    let inputs = [Port.query, .key, .value].map { Site.input(head, $0) } + [.input(.mlp(layer: 2), .mlp)]
    let readers = inputs + [.residual(1), .residual(4), .input(.head(layer: 2, head: 1), .query)]
    let single = readers.flatMap { reader in
      [one, other].map { Intervention(patches: [edge($0, reader)]) }
    }
    let mixed = [
      Intervention(patches: inputs.map { edge(one, $0) }),
      Intervention(patches: inputs.flatMap { [edge(one, $0), edge(other, $0)] }),
      Intervention(patches: [
        edge(one, inputs[0]), patch(4, .zero), patch(13, .run(1)), edge(other, inputs[3]),
      ]),
      Intervention(patches: [patch(14, .zero), edge(one, inputs[3])]), .none, Intervention(run: 1),
    ]
    for interventions in [single, mixed, single + mixed, Array((single + mixed).reversed())] {
      let tree = ForkTree(interventions, Self.order)
      let replayed = replay(tree)
      #expect(replayed.map(\.run) == interventions.map(\.run))
      #expect(replayed.map { Set($0.patches) } == interventions.map { Set($0.patches) })
      #expect(replayed.map(\.patches.count) == interventions.map(\.patches.count))
    }
    // Four receivers among the heads of layer 2 and two writers need two streams.
    let heads = ForkTree(single, Self.order).steps.first {
      $0.place == ForkPlace(layer: 2, part: .attentionInputs)
    }
    #expect(heads?.streams.count == 2 && heads?.forks.count == 8)
    // Two slots for runs 0 and 1, and one for each of 14 edges; no more rows than those and the streams.
    let tree = ForkTree(single, Self.order)
    #expect(tree.finalCount == 16)
    #expect(tree.rows(PassExtent(all: 10, tails: 10, outputs: 10)) == 160)
  }
}
