import Compute
import Tasks

/// Sequences of one model, in one lane of a batch. Lanes of a model run side by side under different
/// interventions.
public struct Lane: Sendable {
  public var model: Int
  public var sequences: [TokenSequence]

  public init(model: Int = 0, sequences: [TokenSequence]) {
    self.model = model
    self.sequences = sequences
  }
}

/// Which rows a forward computes.
public enum RowSelection: Sendable {
  /// Rows up to each sequence's last target, logits and the last block's output at target rows only. Exact.
  case live
  /// Live rows, and of rows with the same prefix in a lane only one. Exact, for interventions that replace all rows
  /// alike. Hooks at a block's input, queries, keys and values see the distinct rows that enter it.
  case distinct
  /// Every row, logits everywhere.
  case all
}

/// Packed sequences on a device: rows of all sequences one after the other, lane by lane.
public final class Batch {
  /// What enters the first block, a group a lane; a group a model where rows are distinct.
  let inputs: RowGroups
  /// All computed rows, a group a lane.
  public let rows: RowGroups
  /// The rows with logits, a group a lane, in their own numbering.
  public let outputRows: RowGroups
  /// By lane and sequence: its rows among `rows`, and among `outputRows`. Where rows are distinct, those no earlier
  /// sequence of the lane has.
  public let sequenceRows: [[Range<Int>]]
  public let sequenceOutputRows: [[Range<Int>]]
  public let selection: RowSelection
  /// Where rows are distinct.
  let shared: SharedRows?
  /// Every query against every key of its sequence.
  let attention: AttentionLayout
  /// Output rows' queries against every key of their sequence.
  let outputAttention: AttentionLayout
  /// By input.
  let tokens: any Buffer
  let positions: any Buffer
  /// Live: the row of each output row.
  let outputIndices: any Buffer
  let targets: any Buffer
  /// 1/(rows of the model that have a target), 0 where there is none.
  let rowWeights: any Buffer
  public let longestSequence: Int

  /// - Throws: `ModelError.batch` for tokens, targets or lengths the model can't take.
  public init(
    _ lanes: [Lane], _ selection: RowSelection, for configuration: ModelConfiguration, on device: any Device
  ) throws {
    // A single block is the first and the last at once: its rows are its outputs, and little is shared.
    let selection = selection == .distinct && configuration.layers == 1 ? .live : selection
    let rows = try BatchRows(lanes, selection, for: configuration)
    self.selection = selection
    sequenceRows = rows.sequenceRows
    sequenceOutputRows = rows.sequenceOutputRows
    longestSequence = rows.longestSequence
    self.rows = try RowGroups(rows.groups)
    inputs = selection == .distinct ? try RowGroups(rows.inputGroups) : self.rows
    outputRows = selection == .all ? self.rows : try RowGroups(rows.outputGroups)
    shared = selection == .distinct ? try SharedRows(rows, on: device) : nil
    attention = try AttentionLayout(rows.attention, positions: rows.rowPositions)
    outputAttention =
      selection == .all
      ? attention : try AttentionLayout(rows.outputAttention, positions: rows.outputPositions)
    tokens = try device.makeBuffer(rows.tokens)
    positions = try device.makeBuffer(rows.positions)
    outputIndices = try device.makeBuffer(rows.outputs)
    targets = try device.makeBuffer(rows.targets)
    rowWeights = try device.makeBuffer(rows.weights)
  }

  /// A batch of one model in one lane.
  public convenience init(
    _ sequences: [TokenSequence], _ selection: RowSelection = .live, for configuration: ModelConfiguration,
    on device: any Device
  ) throws {
    try self.init([Lane(sequences: sequences)], selection, for: configuration, on: device)
  }

  /// Whether a block computes output rows only, after its keys and values.
  func narrows(_ layer: Int, of configuration: ModelConfiguration) -> Bool {
    layer == configuration.layers - 1 && selection != .all
  }

  /// The rows that enter a block.
  func rows(entering layer: Int) -> RowGroups { layer == 0 ? inputs : rows }

  /// Rows that matrices of this batch must have room for.
  var extent: Int { max(rows.extent, attention.keyExtent) }
}
