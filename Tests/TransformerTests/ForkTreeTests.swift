import Testing

@testable import Transformer

@Suite("A fork tree") struct ForkTreeTests {
  /// At components of four layers, four heads and an MLP each.
  private func patch(_ component: Int, _ value: Patch.Value) -> Patch {
    let (layer, place) = (component / 5, component % 5)
    return Patch(.output(place == 4 ? .mlp(layer: layer) : .head(layer: layer, head: place)), value)
  }

  private func intervention(_ components: [Int], run: Int = 0, _ value: Patch.Value = .zero) -> Intervention {
    Intervention(run: run, patches: components.map { patch($0, value) })
  }

  /// Replays a tree's steps on what each slot has had done to it.
  private func replay(_ tree: ForkTree) -> [Intervention] {
    var slots = tree.runs.map { Intervention(run: $0) }
    for step in tree.steps {
      #expect(slots.count == step.count)
      for (one, other) in step.swaps { slots.swapAt(one, other) }
      let before = slots
      for fork in step.forks {
        var changed = before[fork.source]
        changed.patches += fork.patches
        // Givers stay where they are, and an MLP that is computed is not one that is replaced.
        #expect(fork.slot >= tree.givers)
        if case .mlpOut = step.point { #expect(fork.slot >= step.computed) }
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
      let tree = ForkTree(interventions, layers: 4)
      let replayed = replay(tree)
      #expect(replayed.map(\.run) == interventions.map(\.run))
      #expect(replayed.map { Set($0.patches) } == interventions.map { Set($0.patches) })
      #expect(replayed.map(\.patches.count) == interventions.map(\.patches.count))
    }
    #expect(ForkTree([intervention([7])], layers: 4).finalCount == 1)
    // Given runs come first, whether they are asked for or not.
    #expect(ForkTree([intervention([7], .run(2))], layers: 4).runs == [2, 0])
  }

  @Test("shares what interventions share: all pairs cost a third of the MLPs of as many forwards")
  func shared() {
    func mlps(_ interventions: [Intervention]) -> [Int] {
      ForkTree(interventions, layers: 4).steps.enumerated().filter { $0.offset % 3 == 2 }.map(
        \.element.computed)
    }
    let singles = [intervention([])] + (0..<20).map { intervention([$0]) }
    #expect(mlps(singles) == [5, 10, 15, 20])
    let pairs = (0..<20).flatMap { i in (i + 1..<20).map { intervention([i, $0]) } }
    // Before each layer's MLP: no, one or two of the components below it and of its heads.
    #expect(mlps(singles + pairs) == [11, 46, 106, 191])
    // An MLP that every intervention replaces is not computed.
    #expect(mlps([intervention([4, 9]), intervention([4, 9, 10])]) == [0, 0, 2, 2])
  }
}
