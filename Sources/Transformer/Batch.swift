import Compute
import Tasks

/// Sequences of one model in one lane of a batch. The lanes of a model run side by side under different
/// interventions.
package struct Lane: Sendable {
  package var model: Int
  package var sequences: [TokenSequence]
  /// Set if sequences begin with rows of others. Only for live rows of a single model, and not for a backward.
  var beginnings: Beginnings?

  package init(model: Int = 0, sequences: [TokenSequence]) {
    self.model = model
    self.sequences = sequences
  }
}

/// Which rows a lane lacks, because others equal them.
struct Beginnings: Sendable {
  /// Where the rows before a sequence's own are.
  enum Place: Sendable {
    /// Those of the same sequence in the first lane, which is whole.
    case firstLane
    /// Those of the sequence before it in the lane, some of which may belong to the one before that.
    case sequenceBefore
  }

  /// For each sequence, the position of its first own row, at most that of its first target.
  let starts: [Int]
  let place: Place
}

/// Which rows a forward computes. All choices give the same bits at target rows.
package enum RowSelection: Sendable {
  /// The rows up to each sequence's last target; logits and the last block's output only at target rows.
  case live
  /// Live rows, but only one of several rows with the same prefix in a lane. It may be used for interventions
  /// that replace all rows alike. Hooks at a block's input, queries, keys and values see the distinct rows
  /// that enter the block.
  case distinct
  /// Every row, with logits everywhere.
  case all
}

/// The packed sequences of a batch: the rows of all sequences one after another, lane by lane. They are on
/// the host, so a batch can be prepared on any thread.
package struct PackedBatch {
  let selection: RowSelection
  let lists: BatchRows
  /// The rows that enter the first block, one group per lane; if rows are distinct, one group per model.
  let inputs: RowGroups
  let rows: RowGroups
  let outputRows: RowGroups
  let attention: AttentionLayout
  let outputAttention: AttentionLayout
  let isRotary: Bool
  /// The rows of the keys of the first block, and of the blocks after it. Nil if each row is the key of one sequence, or if shared keys
  /// are copied.
  let inputKeyRows: KeyRows?
  let keyRows: KeyRows?
  /// Set if rows are distinct, or some lanes begin with rows of others.
  let shared: SharedRowsLists?

  /// - Throws: `ModelError.batch` for tokens, targets or lengths that the model cannot process.
  package init(
    _ lanes: [Lane], _ selection: RowSelection, for configuration: ModelConfiguration
  ) throws {
    // A single block is both first and last: it computes only output rows, and little can be shared.
    let selection = selection == .distinct && configuration.layers == 1 ? .live : selection
    try self.init(BatchRows(lanes, selection, for: configuration), selection, for: configuration)
  }

  /// A batch with the sequences of one lane in each of several lanes.
  ///
  /// - Parameter lane: with rows that are not distinct, and not of other lanes.
  init(repeating lane: PackedBatch, count: Int, for configuration: ModelConfiguration) throws {
    try self.init(
      BatchRows(repeating: lane.lists, count: count), lane.selection, for: configuration)
  }

  private init(_ lists: BatchRows, _ selection: RowSelection, for configuration: ModelConfiguration) throws {
    self.lists = lists
    self.selection = selection
    rows = try RowGroups(lists.groups)
    inputs = selection == .distinct ? try RowGroups(lists.inputGroups) : rows
    outputRows = selection == .all ? rows : try RowGroups(lists.outputGroups)
    isRotary = configuration.positions == .rotary
    attention = try AttentionLayout(lists.attention, positions: lists.rowPositions)
    outputAttention =
      selection == .all
      ? attention : try AttentionLayout(lists.outputAttention, positions: lists.outputPositions)
    keyRows = lists.keyRows.isEmpty || configuration.copiesSharedKeys ? nil : try KeyRows(lists.keyRows)
    inputKeyRows = lists.keyInputs.isEmpty || keyRows == nil ? keyRows : try KeyRows(lists.keyInputs)
    shared = lists.keyRows.isEmpty ? nil : SharedRowsLists(lists, copiesKeys: keyRows == nil)
  }
}

/// A packed batch on a device.
package final class Batch {
  let packed: PackedBatch
  /// Set if rows are distinct, or some lanes begin with rows of others.
  let shared: SharedRows?
  /// Set for a model with rotary positions.
  let rotaryPositions: RotaryPositions?
  /// The token of each input.
  let tokens: any Buffer
  let positions: any Buffer
  /// If rows are live: the row of each output row.
  let outputIndices: any Buffer
  let targets: any Buffer
  /// For each output row, 1 / (the number of rows of its model that have a target); 0 without a target.
  let rowWeights: any Buffer

  package init(_ packed: PackedBatch, on device: any Device) throws {
    self.packed = packed
    shared = try packed.shared.map { try SharedRows($0, on: device) }
    rotaryPositions = packed.isRotary ? try RotaryPositions(packed.lists, on: device) : nil
    tokens = try device.makeConstant(packed.lists.tokens)
    positions = try device.makeConstant(packed.lists.positions)
    outputIndices = try device.makeConstant(packed.lists.outputs)
    targets = try device.makeConstant(packed.lists.targets)
    rowWeights = try device.makeConstant(packed.lists.weights)
    try device.prepare(
      [packed.inputs, packed.rows, packed.outputRows], [packed.attention, packed.outputAttention],
      [packed.inputKeyRows, packed.keyRows].compactMap(\.self))
  }

  /// - Throws: `ModelError.batch` for tokens, targets or lengths that the model cannot process.
  package convenience init(
    _ lanes: [Lane], _ selection: RowSelection, for configuration: ModelConfiguration, on device: any Device
  ) throws {
    try self.init(PackedBatch(lanes, selection, for: configuration), on: device)
  }

  /// A batch with one model in one lane.
  package convenience init(
    _ sequences: [TokenSequence], _ selection: RowSelection = .live, for configuration: ModelConfiguration,
    on device: any Device
  ) throws {
    try self.init([Lane(sequences: sequences)], selection, for: configuration, on: device)
  }
}

extension Batch {
  package var selection: RowSelection { packed.selection }
  /// All computed rows, one group per lane.
  package var rows: RowGroups { packed.rows }
  /// The rows with logits, one group per lane, with a numbering of their own.
  package var outputRows: RowGroups { packed.outputRows }
  /// For each lane and sequence, its rows among `rows`. If rows are distinct, these are the rows that no
  /// earlier sequence of the lane has.
  package var sequenceRows: [[Range<Int>]] { packed.lists.sequenceRows }
  /// For each lane and sequence, its rows among `outputRows`.
  package var sequenceOutputRows: [[Range<Int>]] { packed.lists.sequenceOutputRows }
  package var longestSequence: Int { packed.lists.longestSequence }

  /// The rows that enter a block.
  func rows(entering layer: Int) -> RowGroups { layer == 0 ? packed.inputs : rows }

  /// All queries of a sequence with all of its keys; in a block that narrows, only the queries of output
  /// rows.
  func attention(_ layer: Int, of configuration: ModelConfiguration) -> AttentionLayout {
    narrows(layer, of: configuration) ? packed.outputAttention : packed.attention
  }

  /// The rows of the queries', keys' and values' matrix in which the keys of a block's attention lie; nil if they are rows of their own.
  func keyRows(_ layer: Int) -> KeyRows? { layer == 0 ? packed.inputKeyRows : packed.keyRows }

  /// Whether a block computes only output rows after its keys and values.
  func narrows(_ layer: Int, of configuration: ModelConfiguration) -> Bool {
    layer == configuration.layers - 1 && selection != .all
  }

  /// The number of keys, if they are other rows than those of the batch; otherwise 0.
  var keyExtent: Int { shared == nil ? 0 : packed.attention.keyExtent }

  /// The number of rows that matrices of this batch must have room for. With distinct rows it is that of all rows, which is the
  /// same for every batch of a training, so that buffers are made once.
  var extent: Int { shared?.inputs == nil ? rows.extent : max(rows.extent, keyExtent) }
}
