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
  let differences: StreamDifferences
  /// The values, at a hook, of the runs from which other slots take rows, at the rows of these slots: [givers · rows], as wide
  /// as the hook.
  let given: Matrix
  var device: any Device { transformer.device }

  init(
    _ transformer: Transformer, _ constants: ConstantVectors, _ tree: ForkTree,
    _ samples: ForkedForward.Samples, _ lanes: LaneBatches, _ capacity: BatchCapacity
  ) throws {
    self.transformer = transformer
    self.constants = constants
    self.tree = tree
    self.samples = samples
    self.lanes = lanes
    activations = try transformer.activations(capacity)
    given = try lanes.givenRows(tree.givers)
    differences = StreamDifferences(transformer, constants, tree.differences)
  }

  /// Computes the logits of every slot.
  ///
  /// - Returns: the batch of all slots, side by side.
  func run() throws -> Batch {
    let runs = tree.runs.map { Lane(sequences: samples.sequences(ofRun: $0)) }
    try ForwardPass(
      transformer: transformer, activations: activations, batch: try lanes.batch(runs), hooks: .none
    ).embed()
    for step in tree.steps {
      switch step.place.part {
      case .residual: try forkResidual(step)
      case .attentionInputs: try forkAttentionInputs(step)
      case .heads: try forkHeads(step)
      case .attentionOutput: try forkAttentionOutputs(step)
      case .mlp: try forkMLPs(step)
      }
    }
    var pass = try pass(tree.finalCount, keeping: nil)
    pass.batch = try lanes.ownBatch(tree.finalCount)
    try pass.unembed(logitsGradient: nil)
    return pass.batch
  }

  /// [interventions][sequences], from the batch of the last run.
  func scores(_ batch: Batch) throws -> [[TargetScore]] {
    let foils = try samples.foils.map { try Batch.foilRows(samples.sequences, $0) }
    var scores = try transformer.readTargetScores(
      batch, foils: foils.map { foils in (0..<tree.finalCount).flatMap { _ in foils } })
    if samples.measuresDivergence, let clean = tree.finalSlots.last {
      try setDivergences(from: clean, in: &scores, batch)
    }
    return tree.finalSlots.map { scores[$0] }
  }

  /// [interventions][rows with logits, vocabulary], from the batch of the last run.
  func logits(_ batch: Batch) throws -> [[Float]] {
    let values = try transformer.readLogits(batch)
    let count = lanes.outputRows * transformer.configuration.vocabulary
    return tree.finalSlots.map { Array(values[$0 * count..<($0 + 1) * count]) }
  }

  /// A pass over the first slots. It stores the branch's own output in `branch` at this hook.
  private func pass(_ slots: Int, keeping point: HookPoint?) throws -> ForwardPass {
    let hooks = point.map { Hooks(points: [$0]) { _, _, _ in } } ?? .none
    return ForwardPass(
      transformer: transformer, activations: activations, batch: try lanes.batch(slots), hooks: hooks)
  }

  /// Overwrites or adds to streams, before a block or the final norm.
  private func forkResidual(_ step: ForkTree.Step) throws {
    let layer = step.place.layer
    let isFinal = layer == transformer.configuration.layers
    let (stream, slots) =
      isFinal
      ? (activations.residFinal, lanes.outputSlots) : (activations.blocks[layer].residPre, lanes.slots)
    for fork in step.forks {
      try write(
        fork.patches.map(\.value).inOrder, from: fork.source, to: fork.slot, of: stream, slots)
    }
    try differences.add(at: step.place, stream, rows: slots.whole, slot: slot(ofRun:))
  }

  /// Computes the heads of all slots. New slots have the stream of their source; in their queries, keys and
  /// values they have the columns that heads compute from a patched stream.
  private func forkAttentionInputs(_ step: ForkTree.Step) throws {
    let (layer, slots) = (step.place.layer, lanes.slots)
    let stream = activations.blocks[layer].residPre
    for fork in step.forks where fork.slot >= step.count {
      try copy(stream, fork.source, to: fork.slot, slots)
    }
    for (index, patched) in step.streams.enumerated() {
      try write(patched.values, from: patched.source, to: step.after + index, of: stream, slots)
    }
    var pass = try pass(step.after + step.streams.count, keeping: nil)
    pass.hooks = try inputHooks(step)
    try pass.attentionHeads(layer)
    try differences.add(
      at: ForkPlace(layer: layer, part: .heads), activations.blocks[layer].z,
      rows: lanes.slots(afterHeadsOf: layer).whole, slot: slot(ofRun:))
  }

  /// Gives new slots the z and the residual stream of their source.
  private func forkHeads(_ step: ForkTree.Step) throws {
    let layer = step.place.layer
    let slots = lanes.slots(afterHeadsOf: layer)
    let z = activations.blocks[layer].z
    for fork in step.forks where fork.slot >= step.count {
      try copy(z, fork.source, to: fork.slot, slots)
      try copy(residual(layer), fork.source, to: fork.slot, slots)
    }
    try replace(step, in: z, slots)
  }

  /// Adds the attention's output, with its replaced columns, to the residual stream of the source.
  private func forkAttentionOutputs(_ step: ForkTree.Step) throws {
    let layer = step.place.layer
    try pass(step.computed, keeping: step.forks.isEmpty ? nil : .attentionOut(layer))
      .attentionProjection(layer)
    let slots = lanes.slots(afterHeadsOf: layer)
    let branch = activations.branch
    for fork in step.forks where fork.slot >= step.count {
      try copy(branch, fork.source, to: fork.slot, slots)
      // The MLP of a parallel block reads this stream.
      if isParallel { try copy(residual(layer), fork.source, to: fork.slot, slots) }
    }
    try replace(step, in: branch, slots)
    for fork in step.forks {
      try add(fork.slot, residual(layer), fork, into: activations.blocks[layer].residMid, slots)
    }
  }

  /// Computes the MLPs of the slots that need one, and of patched streams. A replacement of an output is
  /// added to the residual stream of its source.
  private func forkMLPs(_ step: ForkTree.Step) throws {
    let layer = step.place.layer
    let slots = lanes.slots(afterHeadsOf: layer)
    let (stream, output) = (activations.blocks[layer].residMid, activations.output(ofBlock: layer))
    let input = isParallel ? residual(layer) : stream
    for (one, other) in step.swaps {
      try swap(one, other, in: stream, slots)
      if isParallel { try swap(one, other, in: input, slots) }
    }
    for (index, patched) in step.streams.enumerated() {
      try write(patched.values, from: patched.source, to: step.count + index, of: input, slots)
    }
    let isRead = step.takesRuns || !step.streams.isEmpty || differences.areWanted(at: step.place)
    if step.computed > 0 {
      try pass(step.computed, keeping: isRead ? .mlpOut(layer) : nil).feedForward(layer)
    }
    try differences.add(at: step.place, activations.branch, rows: slots.whole, slot: slot(ofRun:))
    // These come first, because overwritten outputs lie in the places of those of patched streams.
    for fork in step.forks {
      guard let index = fork.streams[.input(.mlp(layer: layer), .mlp)] else { continue }
      try add(step.count + index, stream, fork, into: output, slots)
    }
    try replace(step, in: activations.branch, slots)
    for fork in step.forks where fork.patches.contains(where: { !$0.isInput }) {
      try add(fork.slot, stream, fork, into: output, slots)
    }
  }

  private var isParallel: Bool { transformer.configuration.block.arrangement == .parallel }

  /// The residual stream to which the attention output of a block is added.
  private func residual(_ layer: Int) -> Matrix {
    lanes.narrows(layer) ? activations.residPreOutput : activations.blocks[layer].residPre
  }

  /// The slot of a run that others take rows from.
  private func slot(ofRun run: Int) -> Int? { tree.runs.prefix(tree.givers).firstIndex(of: run) }

  private func copy(_ matrix: Matrix, _ slot: Int, to other: Int, _ slots: SlotRows) throws {
    try copy(matrix, slots[slot], to: matrix, slots[other])
  }

  /// Copies a slot to another one. If only that one holds tails, their rows alone are copied.
  private func copy(_ matrix: Matrix, _ rows: Range<Int>, to other: Matrix, _ otherRows: Range<Int>) throws {
    if rows.count != otherRows.count, let indices = lanes.tailIndices {
      try device.gatherRows(
        GatherRows(
          input: matrix.from(row: rows.lowerBound), indices: indices,
          output: other.from(row: otherRows.lowerBound), count: otherRows.count))
    } else {
      let width = matrix.columns
      try device.copy(
        from: matrix.buffer, rows.lowerBound * width..<rows.upperBound * width, to: other.buffer,
        at: otherRows.lowerBound * width)
    }
  }

  /// - Parameter slots: where the two slots have the same number of rows.
  private func swap(_ one: Int, _ other: Int, in matrix: Matrix, _ slots: SlotRows) throws {
    let spare = activations.branch
    let spareRows = 0..<slots.count(one)
    try copy(matrix, slots[one], to: spare, spareRows)
    try copy(matrix, slots[other], to: matrix, slots[one])
    try copy(spare, spareRows, to: matrix, slots[other])
  }

  /// Overwrites the outputs that are replaced in the slots of a step.
  private func replace(_ step: ForkTree.Step, in matrix: Matrix, _ slots: SlotRows) throws {
    // The slots in which something is replaced all have the same number of rows.
    let rows = slots.others
    var (constant, taken): ([Replacement], [Replacement]) = ([], [])
    for fork in step.forks {
      let block = slots[fork.slot]
      for patch in fork.patches where !patch.isInput {
        let columns = patch.site.columns(of: transformer.configuration)
        switch patch.value {
        case .zero, .constant:
          if let block = constants.replacement(patch.value, rows: block, columns: columns) {
            constant.append(block)
          }
        case .run(let run):
          guard let slot = slot(ofRun: run) else { continue }
          taken.append(
            Replacement(
              rows: block, columns: columns,
              sourceOffset: slot * rows * matrix.columns + columns.lowerBound, sourceStride: matrix.columns))
        case .difference: continue
        }
      }
    }
    if !constant.isEmpty {
      try device.replaceRows(ReplaceRows(target: matrix, source: constants.buffer, replacements: constant))
    }
    if !taken.isEmpty {
      let given = Matrix(given.buffer, columns: matrix.columns)
      for giver in 0..<tree.givers {
        try copy(matrix, slots[giver], to: given, giver * rows..<(giver + 1) * rows)
      }
      try device.replaceRows(ReplaceRows(target: matrix, source: given.buffer, replacements: taken))
    }
  }

  /// `output[fork.slot] = branch[slot] + residual[fork.source]`
  private func add(
    _ slot: Int, _ residual: Matrix, _ fork: ForkTree.Fork, into output: Matrix, _ slots: SlotRows
  ) throws {
    let (source, target) = (slots[fork.source], slots[fork.slot])
    let sum = output.from(row: target.lowerBound)
    var residual = residual
    if source.count == target.count {
      residual = residual.from(row: source.lowerBound)
    } else {
      try copy(residual, source, to: output, target)
      residual = sum
    }
    try device.add(
      Add(
        left: activations.branch.from(row: slots[slot].lowerBound), right: residual, output: sum,
        count: target.count))
  }
}

/// Computation with patched streams.
extension ForkedPass {
  /// Writes the stream of a slot: another slot's stream, overwritten or added to.
  ///
  /// - Parameter values: one that overwrites it, or differences in the order of their writers.
  private func write(
    _ values: [Patch.Value], from source: Int, to slot: Int, of stream: Matrix, _ slots: SlotRows
  ) throws {
    var source = source
    if case .run(let run) = values.first, let giver = self.slot(ofRun: run) { source = giver }
    if source != slot { try copy(stream, source, to: slot, slots) }
    let (block, rows) = (slots[slot], slots.count(slot))
    // From the heads of the last block on, only rows with a target exist.
    let isNarrow = rows == lanes.outputRows && rows != lanes.rows
    let indices = isNarrow ? (buffer: try lanes.batch(1).outputIndices, count: rows) : nil
    for value in values {
      if let block = constants.replacement(value, rows: block, columns: 0..<stream.columns) {
        try device.replaceRows(
          ReplaceRows(target: stream, source: constants.buffer, replacements: [block]))
      } else if let difference = try differences.rows(value, at: indices) {
        let own = stream.from(row: block.lowerBound)
        try device.add(Add(left: own, right: difference, output: own, count: rows))
      }
    }
  }

  /// Hooks that give the heads' queries, keys and values the columns computed from patched streams.
  private func inputHooks(_ step: ForkTree.Step) throws -> Hooks {
    guard !step.streams.isEmpty else { return .none }
    let (layer, device, configuration) = (step.place.layer, device, transformer.configuration)
    return Hooks(points: [.query(layer), .key(layer), .value(layer)]) { [lanes] point, matrix, _ in
      let rows = (point == .query(layer) ? lanes.slots(afterHeadsOf: layer) : lanes.slots).whole
      let first = matrix.from(row: step.after * rows)
      let spare = try device.makeBuffer(count: step.streams.count * rows * matrix.stride)
      let count = (step.streams.count * rows - 1) * matrix.stride + matrix.columns
      try device.copy(from: first.buffer, first.offset..<first.offset + count, to: spare, at: 0)
      let blocks = step.forks.flatMap { fork in
        fork.streams.filter { $0.key.hook == point }.map { site, index in
          let columns = site.columns(of: configuration)
          return Replacement(
            rows: fork.slot * rows..<(fork.slot + 1) * rows, columns: columns,
            sourceOffset: index * rows * matrix.stride + columns.lowerBound, sourceStride: matrix.stride)
        }
      }
      if !blocks.isEmpty {
        try device.replaceRows(ReplaceRows(target: matrix, source: spare, replacements: blocks))
      }
    }
  }
}
