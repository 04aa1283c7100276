import Compute
import Tasks

/// A forked forward over a few sequences: all slots of a `ForkTree` side by side.
struct ForkedPass {
  let transformer: Transformer
  let constants: ConstantVectors
  let tree: ForkTree
  let samples: ForkedForward.Samples
  let activations: Activations
  let lanes: LaneBatches
  /// [givers · rows, d_model]: what the giving runs have at a hook, where slots beside them are overwritten with it.
  let given: Matrix
  private var device: any Device { transformer.device }

  init(
    _ transformer: Transformer, _ constants: ConstantVectors, _ tree: ForkTree,
    _ samples: ForkedForward.Samples, _ lanes: LaneBatches
  ) throws {
    self.transformer = transformer
    self.constants = constants
    self.tree = tree
    self.samples = samples
    self.lanes = lanes
    try lanes.setSequences(samples.sequences)
    activations = try transformer.activations(
      rows: tree.rows(all: lanes.rows, output: lanes.outputRows), keepsBlocks: false)
    given = try lanes.givenRows(tree.givers)
  }

  /// [interventions][sequences]
  func run() throws -> [[TargetScore]] {
    let runs = tree.runs.map { Lane(sequences: samples.sequences(ofRun: $0)) }
    var pass = ForwardPass(
      transformer: transformer, activations: activations,
      batch: try Batch(runs, .live, for: transformer.configuration, on: device), hooks: .none)
    try pass.embed()
    for layer in 0..<transformer.configuration.layers {
      let (heads, attention, mlp) = (
        tree.steps[3 * layer], tree.steps[3 * layer + 1], tree.steps[3 * layer + 2]
      )
      pass.batch = try lanes.batch(heads.count)
      try pass.attentionHeads(layer)
      try forkHeads(layer, heads)

      pass = try self.pass(attention.computed, keeping: attention.forks.isEmpty ? nil : attention.point)
      try pass.attentionProjection(layer)
      try forkAttentionOutputs(layer, attention)

      for (one, other) in mlp.swaps { try swap(one, other, in: activations.blocks[layer].residMid, layer) }
      if mlp.computed > 0 {
        pass = try self.pass(mlp.computed, keeping: mlp.takesRuns ? mlp.point : nil)
        try pass.feedForward(layer)
      }
      try forkMLPs(layer, mlp)
    }
    pass = try self.pass(tree.finalCount, keeping: nil)
    pass.batch = try Batch(
      [Lane](repeating: Lane(sequences: samples.sequences), count: tree.finalCount), .live,
      for: transformer.configuration, on: device)
    try pass.unembed(logitsGradient: nil)
    let foils = try samples.foils.map { try Batch.foilRows(samples.sequences, $0) }
    let scores = try transformer.readTargetScores(
      pass.batch, foils: foils.map { foils in (0..<tree.finalCount).flatMap { _ in foils } })
    return tree.finalSlots.map { scores[$0] }
  }

  /// A pass over the first slots. It leaves the branch's own output in `branch` at the hook named.
  private func pass(_ slots: Int, keeping point: HookPoint?) throws -> ForwardPass {
    let hooks = point.map { Hooks(points: [$0]) { _, _, _ in } } ?? .none
    return ForwardPass(
      transformer: transformer, activations: activations, batch: try lanes.batch(slots), hooks: hooks)
  }

  /// New slots get their source's z and residual stream.
  private func forkHeads(_ layer: Int, _ step: ForkTree.Step) throws {
    let rows = lanes.rows(afterHeadsOf: layer)
    let z = activations.blocks[layer].z
    for fork in step.forks where fork.slot >= step.count {
      try copy(z, fork.source, to: fork.slot, rows: rows)
      try copy(residual(layer), fork.source, to: fork.slot, rows: rows)
    }
    try replace(step, in: z, rows: rows)
  }

  /// The attention's output, alone, with columns replaced, goes onto the source's residual stream.
  private func forkAttentionOutputs(_ layer: Int, _ step: ForkTree.Step) throws {
    let rows = lanes.rows(afterHeadsOf: layer)
    let branch = activations.branch
    for fork in step.forks where fork.slot >= step.count {
      try copy(branch, fork.source, to: fork.slot, rows: rows)
    }
    try replace(step, in: branch, rows: rows)
    for fork in step.forks {
      try add(residual(layer), fork, into: activations.blocks[layer].residMid, rows: rows)
    }
  }

  /// What replaces the MLP's output goes onto the source's residual stream.
  private func forkMLPs(_ layer: Int, _ step: ForkTree.Step) throws {
    let rows = lanes.rows(afterHeadsOf: layer)
    try replace(step, in: activations.branch, rows: rows)
    for fork in step.forks {
      try add(
        activations.blocks[layer].residMid, fork, into: activations.output(ofBlock: layer), rows: rows)
    }
  }

  /// The stream a block's attention output is added to.
  private func residual(_ layer: Int) -> Matrix {
    lanes.narrows(layer) ? activations.residPreOutput : activations.blocks[layer].residPre
  }

  private func copy(_ matrix: Matrix, _ slot: Int, to other: Int, rows: Int) throws {
    let count = rows * matrix.columns
    try device.copy(
      from: matrix.buffer, slot * count..<(slot + 1) * count, to: matrix.buffer, at: other * count)
  }

  private func swap(_ one: Int, _ other: Int, in matrix: Matrix, _ layer: Int) throws {
    let rows = lanes.rows(afterHeadsOf: layer)
    let count = rows * matrix.columns
    let spare = activations.branch.buffer
    try device.copy(from: matrix.buffer, one * count..<(one + 1) * count, to: spare, at: 0)
    try copy(matrix, other, to: one, rows: rows)
    try device.copy(from: spare, 0..<count, to: matrix.buffer, at: other * count)
  }

  /// Overwrites what a step's slots have replaced in them.
  private func replace(_ step: ForkTree.Step, in matrix: Matrix, rows: Int) throws {
    var (constant, taken): ([Replacement], [Replacement]) = ([], [])
    for fork in step.forks {
      let block = fork.slot * rows..<(fork.slot + 1) * rows
      for patch in fork.patches {
        let columns = patch.site.columns(of: transformer.configuration)
        switch patch.value {
        case .zero, .constant:
          if let block = constants.replacement(patch.value, rows: block, columns: columns) {
            constant.append(block)
          }
        case .run(let run):
          guard let slot = tree.runs.firstIndex(of: run) else { continue }
          taken.append(
            Replacement(
              rows: block, columns: columns,
              sourceOffset: slot * rows * given.columns + columns.lowerBound, sourceStride: given.columns))
        }
      }
    }
    if !constant.isEmpty {
      try device.replaceRows(ReplaceRows(target: matrix, source: constants.buffer, replacements: constant))
    }
    if !taken.isEmpty {
      try device.copy(
        from: matrix.buffer, 0..<tree.givers * rows * matrix.columns, to: given.buffer, at: 0)
      try device.replaceRows(ReplaceRows(target: matrix, source: given.buffer, replacements: taken))
    }
  }

  /// `output[slot] = branch[slot] + residual[source]`
  private func add(
    _ residual: Matrix, _ fork: ForkTree.Fork, into output: Matrix,
    rows: Int
  ) throws {
    try device.add(
      Add(
        left: activations.branch.from(row: fork.slot * rows), right: residual.from(row: fork.source * rows),
        output: output.from(row: fork.slot * rows), count: rows))
  }
}

extension Matrix {
  fileprivate func from(row: Int) -> Matrix {
    Matrix(buffer, columns: columns, offset: offset + row * stride, stride: stride)
  }
}
