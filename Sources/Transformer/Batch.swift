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
  /// Every row, logits everywhere.
  case all
}

/// Packed sequences: rows of all sequences one after the other, lane by lane. On the host, so that a batch can be
/// made ready on any thread.
public struct PackedBatch {
  /// All computed rows, a group a lane.
  public let rows: RowGroups
  /// The rows with logits, a group a lane, in their own numbering.
  public let outputRows: RowGroups
  /// By lane and sequence: its rows among `rows`, and among `outputRows`.
  public let sequenceRows: [[Range<Int>]]
  public let sequenceOutputRows: [[Range<Int>]]
  public let selection: RowSelection
  public let longestSequence: Int
  let attention: AttentionLayout
  let outputAttention: AttentionLayout
  let tokens: [Int32]
  let positions: [Int32]
  let outputIndices: [Int32]
  let targets: [Int32]
  let rowWeights: [Float]

  /// - Throws: `ModelError.batch` for tokens, targets or lengths the model can't take.
  public init(
    _ lanes: [Lane], _ selection: RowSelection, for configuration: ModelConfiguration
  ) throws {
    var tokens: [Int32] = []
    var positions: [Int32] = []
    var outputs: [Int32] = []
    var targets: [Int32] = []
    var groups: [RowGroup] = []
    var outputGroups: [RowGroup] = []
    var attention: [AttentionSequence] = []
    var outputAttention: [AttentionSequence] = []
    var outputPositions: [Int32] = []
    var sequenceRows: [[Range<Int>]] = []
    var sequenceOutputRows: [[Range<Int>]] = []
    var targetCounts: [Int: Int] = [:]
    var longest = 0
    for (index, lane) in lanes.enumerated() {
      let (firstRow, firstOutput) = (tokens.count, outputs.count)
      var laneRows: [Range<Int>] = []
      var laneOutputs: [Range<Int>] = []
      for sequence in lane.sequences {
        try check(sequence, configuration)
        let live = (sequence.targets.lastIndex { $0 >= 0 } ?? -1) + 1
        let length = selection == .live ? live : sequence.tokens.count
        let (row, output) = (tokens.count, outputs.count)
        for position in 0..<length {
          let target = sequence.targets[position]
          if target >= 0 { targetCounts[lane.model, default: 0] += 1 }
          if selection == .all || target >= 0 {
            outputs.append(Int32(row + position))
            outputPositions.append(Int32(position))
            targets.append(target)
          }
          tokens.append(sequence.tokens[position])
          positions.append(Int32(position))
        }
        attention.append(
          AttentionSequence(firstQuery: row, queryCount: length, firstKey: row, keyCount: length))
        outputAttention.append(
          AttentionSequence(
            firstQuery: output, queryCount: outputs.count - output, firstKey: row, keyCount: length))
        laneRows.append(row..<tokens.count)
        laneOutputs.append(output..<outputs.count)
        longest = max(longest, length)
      }
      groups.append(
        RowGroup(model: lane.model, lane: index, firstRow: firstRow, count: tokens.count - firstRow))
      outputGroups.append(
        RowGroup(model: lane.model, lane: index, firstRow: firstOutput, count: outputs.count - firstOutput))
      sequenceRows.append(laneRows)
      sequenceOutputRows.append(laneOutputs)
    }
    guard !outputs.isEmpty else { throw ModelError.batch("no position has a target") }
    var weights: [Float] = []
    for group in outputGroups {
      let weight = 1 / Float(max(targetCounts[group.model] ?? 0, 1))
      for row in group.firstRow..<group.firstRow + group.count {
        weights.append(targets[row] >= 0 ? weight : 0)
      }
    }
    self.selection = selection
    self.sequenceRows = sequenceRows
    self.sequenceOutputRows = sequenceOutputRows
    longestSequence = longest
    rows = try RowGroups(groups)
    outputRows = selection == .all ? rows : try RowGroups(outputGroups)
    self.attention = try AttentionLayout(attention, positions: positions)
    self.outputAttention =
      selection == .all ? self.attention : try AttentionLayout(outputAttention, positions: outputPositions)
    self.tokens = tokens
    self.positions = positions
    outputIndices = outputs
    self.targets = targets
    rowWeights = weights
  }
}

/// A packed batch on a device.
public final class Batch {
  /// All computed rows, a group a lane.
  public let rows: RowGroups
  /// The rows with logits, a group a lane, in their own numbering.
  public let outputRows: RowGroups
  /// By lane and sequence: its rows among `rows`, and among `outputRows`.
  public let sequenceRows: [[Range<Int>]]
  public let sequenceOutputRows: [[Range<Int>]]
  public let selection: RowSelection
  /// Every query against every key of its sequence.
  let attention: AttentionLayout
  /// Output rows' queries against every key of their sequence.
  let outputAttention: AttentionLayout
  let tokens: any Buffer
  let positions: any Buffer
  /// Live: the row of each output row.
  let outputIndices: any Buffer
  let targets: any Buffer
  /// 1/(rows of the model that have a target), 0 where there is none.
  let rowWeights: any Buffer
  public let longestSequence: Int

  public init(_ packed: PackedBatch, on device: any Device) throws {
    rows = packed.rows
    outputRows = packed.outputRows
    sequenceRows = packed.sequenceRows
    sequenceOutputRows = packed.sequenceOutputRows
    selection = packed.selection
    longestSequence = packed.longestSequence
    attention = packed.attention
    outputAttention = packed.outputAttention
    tokens = try device.makeBuffer(packed.tokens)
    positions = try device.makeBuffer(packed.positions)
    outputIndices = try device.makeBuffer(packed.outputIndices)
    targets = try device.makeBuffer(packed.targets)
    rowWeights = try device.makeBuffer(packed.rowWeights)
  }

  /// - Throws: `ModelError.batch` for tokens, targets or lengths the model can't take.
  public convenience init(
    _ lanes: [Lane], _ selection: RowSelection, for configuration: ModelConfiguration, on device: any Device
  ) throws {
    try self.init(PackedBatch(lanes, selection, for: configuration), on: device)
  }

  /// A batch of one model in one lane.
  public convenience init(
    _ sequences: [TokenSequence], _ selection: RowSelection = .live, for configuration: ModelConfiguration,
    on device: any Device
  ) throws {
    try self.init([Lane(sequences: sequences)], selection, for: configuration, on: device)
  }
}

private func check(_ sequence: TokenSequence, _ configuration: ModelConfiguration) throws {
  let vocabulary = Int32(configuration.vocabulary)
  guard sequence.tokens.count == sequence.targets.count else {
    throw ModelError.batch("\(sequence.tokens.count) tokens but \(sequence.targets.count) targets")
  }
  if configuration.positions == .learned, sequence.tokens.count > configuration.context {
    throw ModelError.batch(
      "a sequence of \(sequence.tokens.count) tokens, but the model has \(configuration.context) positions")
  }
  for token in sequence.tokens where token < 0 || token >= vocabulary {
    throw ModelError.batch("token \(token) lies outside the vocabulary 0..<\(vocabulary)")
  }
  for target in sequence.targets where target >= vocabulary || (target < 0 && target != TokenSequence.noLoss)
  {
    throw ModelError.batch(
      "target \(target) lies outside the vocabulary 0..<\(vocabulary) and is not \(TokenSequence.noLoss)")
  }
}
