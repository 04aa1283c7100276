import Compute
import Tasks

/// The same sequences in one lane, or side by side in several lanes: the rows and layouts of a forked
/// forward. Lanes after the first few may hold tails, or the sequences of all lanes share rows with the one before. A batch is used
/// from pass to pass while the sequences have their targets at the same positions, and the same rows. Its tokens then belong to an
/// earlier pass, so only rows and layouts may be used.
final class LaneBatches {
  private let transformer: Transformer
  /// Live rows, or all of them.
  private let selection: RowSelection
  private var sequences: [TokenSequence] = []
  /// The number of lanes that are whole if the others hold tails.
  private let wholeLanes: Int
  private var tails: Tails?
  /// For each sequence, how many rows it shares with the one before it.
  private var shared: [Int] = []
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

  /// - Parameter shared: for each sequence, how many of its first rows are those of the one before it. With tails, none are shared.
  func setSequences(_ sequences: [TokenSequence], _ tails: Tails?, shared: [Int]) throws {
    let shape = sequences.map { $0.targets.map { $0 >= 0 } }
    let shared = tails == nil ? shared : shared.map { _ in 0 }
    guard shape != self.shape || tails != self.tails || shared != self.shared else { return }
    (self.sequences, self.shape, self.tails, self.shared) = (sequences, shape, tails, shared)
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
    let made: Batch
    if let tails {
      made = try batch(
        (0..<lanes).map { lane in
          var made = Lane(sequences: sequences)
          if lane >= wholeLanes { made.beginnings = Beginnings(starts: tails.starts, place: .firstLane) }
          return made
        })
    } else {
      made = try batch(repeating: Lane(sequences: sequences), count: lanes)
    }
    batches[lanes] = made
    return made
  }

  /// A batch with its own tokens and targets, and the same rows as the others.
  func batch(_ lanes: [Lane]) throws -> Batch {
    try Batch(packed(lanes), on: transformer.device)
  }

  /// The same lane, side by side; otherwise like `batch(_:)`.
  func batch(repeating lane: Lane, count: Int) throws -> Batch {
    try Batch(
      PackedBatch(repeating: packed([lane]), count: count, for: transformer.configuration),
      on: transformer.device)
  }

  private func packed(_ lanes: [Lane]) throws -> PackedBatch {
    var lanes = lanes
    if shared.contains(where: { $0 > 0 }) {
      for lane in lanes.indices {
        lanes[lane].beginnings = Beginnings(starts: shared, place: .sequenceBefore)
      }
    }
    return try PackedBatch(lanes, selection, for: transformer.configuration)
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
