import Compute
import Tasks

/// Sequences of one model, in one lane of a batch. Lanes of a model run side by side under different
/// interventions.
package struct Lane: Sendable {
  package var model: Int
  package var sequences: [TokenSequence]

  package init(model: Int = 0, sequences: [TokenSequence]) {
    self.model = model
    self.sequences = sequences
  }
}

/// Which rows a forward computes.
package enum RowSelection: Sendable {
  /// Rows up to each sequence's last target, logits and the last block's output at target rows only. Exact.
  case live
  /// Live rows, and of rows with the same prefix in a lane only one. Exact, for interventions that replace all rows
  /// alike. Hooks at a block's input, queries, keys and values see the distinct rows that enter it.
  case distinct
  /// Every row, logits everywhere.
  case all
}

/// Packed sequences: rows of all sequences one after the other, lane by lane. On the host, so that a batch can be
/// made ready on any thread.
package struct PackedBatch {
  let selection: RowSelection
  let lists: BatchRows
  /// What enters the first block, a group a lane; a group a model where rows are distinct.
  let inputs: RowGroups
  let rows: RowGroups
  let outputRows: RowGroups
  let attention: AttentionLayout
  let outputAttention: AttentionLayout
  let isRotary: Bool

  /// - Throws: `ModelError.batch` for tokens, targets or lengths the model can't take.
  package init(
    _ lanes: [Lane], _ selection: RowSelection, for configuration: ModelConfiguration
  ) throws {
    // A single block is the first and the last at once: its rows are its outputs, and little is shared.
    self.selection = selection == .distinct && configuration.layers == 1 ? .live : selection
    lists = try BatchRows(lanes, self.selection, for: configuration)
    rows = try RowGroups(lists.groups)
    inputs = self.selection == .distinct ? try RowGroups(lists.inputGroups) : rows
    outputRows = self.selection == .all ? rows : try RowGroups(lists.outputGroups)
    isRotary = configuration.positions == .rotary
    attention = try AttentionLayout(lists.attention, positions: lists.rowPositions)
    outputAttention =
      self.selection == .all
      ? attention : try AttentionLayout(lists.outputAttention, positions: lists.outputPositions)
  }
}

/// A packed batch on a device.
package final class Batch {
  let packed: PackedBatch
  /// Where rows are distinct.
  let shared: SharedRows?
  /// For a model with rotary positions.
  let rotaryPositions: RotaryPositions?
  /// By input.
  let tokens: any Buffer
  let positions: any Buffer
  /// Live: the row of each output row.
  let outputIndices: any Buffer
  let targets: any Buffer
  /// 1/(rows of the model that have a target), 0 where there is none.
  let rowWeights: any Buffer

  package init(_ packed: PackedBatch, on device: any BufferMaking) throws {
    self.packed = packed
    shared = packed.selection == .distinct ? try SharedRows(packed.lists, on: device) : nil
    rotaryPositions = packed.isRotary ? try RotaryPositions(packed.lists, on: device) : nil
    tokens = try device.makeBuffer(packed.lists.tokens)
    positions = try device.makeBuffer(packed.lists.positions)
    outputIndices = try device.makeBuffer(packed.lists.outputs)
    targets = try device.makeBuffer(packed.lists.targets)
    rowWeights = try device.makeBuffer(packed.lists.weights)
  }

  /// - Throws: `ModelError.batch` for tokens, targets or lengths the model can't take.
  package convenience init(
    _ lanes: [Lane], _ selection: RowSelection, for configuration: ModelConfiguration, on device: any Device
  ) throws {
    try self.init(PackedBatch(lanes, selection, for: configuration), on: device)
  }

  /// A batch of one model in one lane.
  package convenience init(
    _ sequences: [TokenSequence], _ selection: RowSelection = .live, for configuration: ModelConfiguration,
    on device: any Device
  ) throws {
    try self.init([Lane(sequences: sequences)], selection, for: configuration, on: device)
  }
}

extension Batch {
  package var selection: RowSelection { packed.selection }
  /// All computed rows, a group a lane.
  package var rows: RowGroups { packed.rows }
  /// The rows with logits, a group a lane, in their own numbering.
  package var outputRows: RowGroups { packed.outputRows }
  /// By lane and sequence: its rows among `rows`, and among `outputRows`. Where rows are distinct, those no earlier
  /// sequence of the lane has.
  package var sequenceRows: [[Range<Int>]] { packed.lists.sequenceRows }
  package var sequenceOutputRows: [[Range<Int>]] { packed.lists.sequenceOutputRows }
  package var longestSequence: Int { packed.lists.longestSequence }

  /// The rows that enter a block.
  func rows(entering layer: Int) -> RowGroups { layer == 0 ? packed.inputs : rows }

  /// Every query against every key of its sequence, or, in a block that narrows, output rows' queries.
  func attention(_ layer: Int, of configuration: ModelConfiguration) -> AttentionLayout {
    narrows(layer, of: configuration) ? packed.outputAttention : packed.attention
  }

  /// Whether a block computes output rows only, after its keys and values.
  func narrows(_ layer: Int, of configuration: ModelConfiguration) -> Bool {
    layer == configuration.layers - 1 && selection != .all
  }

  /// Rows that matrices of this batch must have room for.
  var extent: Int { max(rows.extent, packed.attention.keyExtent) }
}
