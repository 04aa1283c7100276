import Compute
import Tasks

/// The same sequences in one lane, or side by side in several lanes: the rows and layouts of a forked
/// forward. Lanes after the first few may hold tails. A batch is used from pass to pass while the sequences have their
/// targets at the same positions, and the same tails. Its tokens then belong to an earlier pass, so only rows and layouts may
/// be used.
final class LaneBatches {
  private let transformer: Transformer
  /// Live rows, or all of them.
  private let selection: RowSelection
  private var sequences: [TokenSequence] = []
  /// The number of lanes that are whole if the others hold tails.
  private let wholeLanes: Int
  private var tails: Tails?
  /// For each sequence, which positions have a target.
  private var shape: [[Bool]] = []
  private var batches: [Int: Batch] = [:]
  private var given: Matrix?
  /// The indices of the tails' rows in a whole lane: int32 [tailRows]; nil if all lanes are whole.
  private(set) var tailIndices: (any Buffer)?
  /// The number of rows in a lane: all rows, those of tails, and those with a target.
  private(set) var rows = 0
  private var tailRows = 0
  private(set) var outputRows = 0

  init(_ transformer: Transformer, _ selection: RowSelection, wholeLanes: Int) {
    self.transformer = transformer
    self.selection = selection
    self.wholeLanes = wholeLanes
  }

  func setSequences(_ sequences: [TokenSequence], _ tails: Tails?) throws {
    let shape = sequences.map { $0.targets.map { $0 >= 0 } }
    guard shape != self.shape || tails != self.tails else { return }
    (self.sequences, self.shape, self.tails) = (sequences, shape, tails)
    (batches, given, tailIndices) = ([:], nil, nil)
    let one = try batch(1)
    (rows, outputRows) = (one.rows.extent, one.outputRows.extent)
    tailRows = rows
    if let tails {
      let indices = zip(one.sequenceRows[0], tails.starts).flatMap { rows, start in
        rows.dropFirst(start).map(Int32.init)
      }
      tailRows = indices.count
      tailIndices = try transformer.device.makeConstant(indices)
    }
  }

  func batch(_ lanes: Int) throws -> Batch {
    if let batch = batches[lanes] { return batch }
    let batch = try self.batch(
      (0..<lanes).map { lane in
        var made = Lane(sequences: sequences)
        if lane >= wholeLanes { made.tailStarts = tails?.starts }
        return made
      })
    batches[lanes] = batch
    return batch
  }

  /// A batch with its own tokens and targets, and the same rows as the others.
  func batch(_ lanes: [Lane]) throws -> Batch {
    try Batch(lanes, selection, for: transformer.configuration, on: transformer.device)
  }

  /// Room for [givers · rows of tails] of any hook that runs take rows from, the most that a slot takes; never empty.
  func givenRows(_ givers: Int) throws -> Matrix {
    if let given { return given }
    let width = max(transformer.configuration.dModel, transformer.configuration.attentionWidth)
    let made = Matrix(
      try transformer.device.makeBuffer(count: max(givers * tailRows, 1) * width),
      columns: width)
    given = made
    return made
  }

  /// Whether a block computes only rows with a target after its keys and values.
  func narrows(_ layer: Int) -> Bool {
    selection != .all && layer == transformer.configuration.layers - 1
  }

  /// The numbers of rows in a lane.
  var extent: PassExtent { PassExtent(all: rows, tails: tailRows, outputs: outputRows) }

  /// The rows of slots up to the heads of a layer.
  var slots: SlotRows { SlotRows(wholeCount: wholeLanes, whole: rows, others: tailRows) }

  /// The rows of slots from the heads of a layer on.
  func slots(afterHeadsOf layer: Int) -> SlotRows {
    narrows(layer) ? outputSlots : slots
  }

  /// The rows of slots where only rows with a target are left.
  var outputSlots: SlotRows { SlotRows(wholeCount: 0, whole: outputRows, others: outputRows) }
}

/// Where the rows of each slot lie: the first slots have all rows, the others may have fewer.
struct SlotRows {
  let wholeCount: Int
  let whole: Int
  let others: Int

  /// The number of rows of a slot.
  func count(_ slot: Int) -> Int { slot < wholeCount ? whole : others }

  subscript(slot: Int) -> Range<Int> {
    let first = min(slot, wholeCount) * whole + max(slot - wholeCount, 0) * others
    return first..<first + count(slot)
  }
}
