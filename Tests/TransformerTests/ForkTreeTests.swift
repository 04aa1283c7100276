import Testing

@testable import Transformer

@Suite("A fork tree") struct ForkTreeTests {
  private typealias Variant = ForkedForward.Variant
  private typealias Edit = ForkedForward.Edit

  /// Components of four layers, four heads and an MLP each, two columns a head.
  private func edit(_ component: Int, _ source: ForkedForward.Source = .zeros) -> Edit {
    let (layer, place) = (component / 5, component % 5)
    return place == 4
      ? Edit(point: .mlpOut(layer), columns: 0..<8, source: source)
      : Edit(point: .z(layer), columns: 2 * place..<2 * place + 2, source: source)
  }

  private func variant(_ components: [Int], run: Int = 0, _ source: ForkedForward.Source = .zeros) -> Variant
  {
    Variant(run: run, edits: components.map { edit($0, source) })
  }

  /// Replays a tree's steps on what each slot has had done to it.
  private func replay(_ tree: ForkTree) -> [Variant] {
    var slots = tree.runs.map { Variant(run: $0) }
    for step in tree.steps {
      #expect(slots.count == step.count)
      for (one, other) in step.swaps { slots.swapAt(one, other) }
      let before = slots
      for fork in step.forks {
        var changed = before[fork.source]
        changed.edits += fork.edits
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

  @Test("gives every variant its edits and no others")
  func replayed() {
    let pairs = (0..<20).flatMap { i in (i + 1..<20).map { variant([i, $0]) } }
    let sets = [
      [], Array(0..<20), [4, 9, 14, 19], [0, 1, 2, 3, 4], [4], [4], [3, 4, 7, 9], [0, 4, 7, 9], [9, 12],
    ]
    let sources: [(run: Int, source: ForkedForward.Source)] = [
      (0, .constant(3)), (0, .run(1)), (1, .run(0)), (0, .run(2)), (0, .zeros),
    ]
    let mixed = sources.flatMap { run, source in sets.map { variant($0, run: run, source) } }
    for variants in [pairs, mixed, [variant([7])], Array(mixed.reversed())] {
      let tree = ForkTree(variants, layers: 4)
      #expect(replay(tree) == variants)
    }
    #expect(ForkTree([variant([7])], layers: 4).finalCount == 1)
    // Given runs come first, whether they are asked for or not.
    #expect(ForkTree([variant([7], .run(2))], layers: 4).runs == [2, 0])
  }

  @Test("shares what variants share: all pairs cost a third of the MLPs of as many forwards")
  func shared() {
    func mlps(_ variants: [Variant]) -> [Int] {
      ForkTree(variants, layers: 4).steps.enumerated().filter { $0.offset % 3 == 2 }.map(\.element.computed)
    }
    let singles = [variant([])] + (0..<20).map { variant([$0]) }
    #expect(mlps(singles) == [5, 10, 15, 20])
    let pairs = (0..<20).flatMap { i in (i + 1..<20).map { variant([i, $0]) } }
    // Before each layer's MLP: no, one or two of the components below it and of its heads.
    #expect(mlps(singles + pairs) == [11, 46, 106, 191])
    // An MLP that every variant replaces is not computed.
    #expect(mlps([variant([4, 9]), variant([4, 9, 10])]) == [0, 0, 2, 2])
  }
}
