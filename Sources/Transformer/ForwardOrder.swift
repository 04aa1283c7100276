/// A part of the forward that runs as a whole. A forward can end after any step.
package struct ForwardStep: Equatable, Sendable {
  package enum Part: Equatable, Sendable { case attentionHeads, attentionOutput, mlpHidden, mlpOutput }

  package let layer: Int
  package let part: Part
  /// The hooks that it runs, in order.
  package let hooks: [HookPoint]
}

/// The steps of a forward from the embedding to the output of the last block, derived from the branches of
/// the blocks.
package struct ForwardOrder: Equatable, Sendable {
  package let steps: [ForwardStep]
  private let stepByHook: [HookPoint: Int]

  package init(_ blocks: [BlockSpec]) {
    steps = blocks.enumerated().flatMap { layer, block in
      block.branches.enumerated().flatMap { index, branch in
        // Only the first branch shows the block's input. What later branches read was shown when it was
        // written.
        Self.steps(of: branch, layer, entering: index == 0 ? [branch.reads.hook(layer)] : [])
      }
    }
    let numbered = steps.enumerated().flatMap { index, step in step.hooks.map { ($0, index) } }
    stepByHook = Dictionary(numbered) { first, _ in first }
  }

  private static func steps(of branch: Branch, _ layer: Int, entering: [HookPoint]) -> [ForwardStep] {
    let written = branch.writes.hook(layer)
    switch branch.kind {
    case .attention:
      return [
        ForwardStep(
          layer: layer, part: .attentionHeads,
          hooks: entering + [.query(layer), .key(layer), .value(layer), .z(layer)]),
        ForwardStep(
          layer: layer, part: .attentionOutput, hooks: [.attentionOut(layer), written]),
      ]
    case .mlp:
      return [
        ForwardStep(
          layer: layer, part: .mlpHidden, hooks: entering + [.mlpPre(layer), .mlpPost(layer)]),
        ForwardStep(
          layer: layer, part: .mlpOutput, hooks: [.mlpOut(layer), written]),
      ]
    }
  }

  /// All hooks of the model, in the order of the forward.
  package var hooks: [HookPoint] { steps.flatMap(\.hooks) + [.finalNormalised] }

  /// The places at which runs of a forked forward can begin to differ, in the order of the forward. The
  /// last one is the stream that the final norm reads.
  var forks: [ForkPlace] {
    let places = steps.flatMap { step in
      step.forks.map { ForkPlace(layer: step.layer, part: $0) }
    }
    return places + [ForkPlace(layer: (steps.map(\.layer).max() ?? -1) + 1, part: .residual)]
  }

  /// The index of the step that computes the matrix of a hook; nil for the final norm, which comes after all
  /// steps.
  func step(computing point: HookPoint) -> Int? { stepByHook[point] }
}

extension ForwardStep {
  /// The places around the branch where runs can begin to differ, in order.
  fileprivate var forks: [ForkPlace.Part] {
    switch part {
    case .attentionHeads: [.residual, .attentionInputs, .heads]
    case .attentionOutput: [.attentionOutput]
    case .mlpHidden: []
    case .mlpOutput: [.mlp]
    }
  }
}
