import Compute
import Errors
import Tasks

/// The same sequences in one lane, or side by side in several lanes: the rows and layouts of a forked forward. Lanes after the
/// first few may hold tails; else each sequence may begin with rows of the one before it. A batch is used from pass to pass while
/// the sequences have their targets at the same positions, and the same rows. Its tokens then belong to an earlier pass, so only
/// rows and layouts may be used.
final class LaneBatches {
  private let transformer: Transformer
  /// Live rows, or all of them.
  private let selection: RowSelection
  private var sequences: [TokenSequence] = []
  /// The sequences in one lane.
  private var lane: PackedBatch?
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

  /// - Parameter shared: for each sequence, how many of its first rows are those of the one before it; none with tails.
  func setSequences(_ sequences: [TokenSequence], _ tails: Tails?, shared: [Int]) throws {
    let shape = sequences.map { $0.targets.map { $0 >= 0 } }
    let isKnown = shape == self.shape && tails == self.tails && shared == self.shared
    (self.sequences, self.shape, self.tails, self.shared) = (sequences, shape, tails, shared)
    let lane = try packed([Lane(sequences: sequences)])
    self.lane = lane
    guard !isKnown else { return }
    (batches, tailIndices) = ([:], nil)
    (rows, outputRows) = (lane.rows.extent, lane.outputRows.extent)
    tailRows = rows
    if let tails {
      let indices = zip(lane.lists.sequenceRows[0], tails.starts).flatMap { rows, start in
        rows.dropFirst(start).map(Int32.init)
      }
      tailRows = indices.count
      tailIndices = try transformer.device.makeConstant(indices)
    }
  }

  /// A batch for its rows and layouts.
  func batch(_ count: Int) throws -> Batch {
    if let batch = batches[count] { return batch }
    let made: Batch
    if let tails {
      made = try batch(
        (0..<count).map { index in
          var lane = Lane(sequences: sequences)
          if index >= wholeLanes { lane.beginnings = Beginnings(starts: tails.starts, place: .firstLane) }
          return lane
        })
    } else {
      made = try ownBatch(count)
    }
    batches[count] = made
    return made
  }

  /// A batch with other tokens than the sequences', and the same rows.
  func batch(_ lanes: [Lane]) throws -> Batch { try Batch(packed(lanes), on: transformer.device) }

  /// A batch of whole lanes, with the sequences' tokens and targets.
  func ownBatch(_ count: Int) throws -> Batch {
    guard let lane else { throw InternalError("a batch was made before its sequences were set") }
    return try Batch(
      PackedBatch(repeating: lane, count: count, for: transformer.configuration), on: transformer.device)
  }

  private func packed(_ lanes: [Lane]) throws -> PackedBatch {
    var lanes = lanes
    if shared.contains(where: { $0 > 0 }) {
      for index in lanes.indices {
        lanes[index].beginnings = Beginnings(starts: shared, place: .sequenceBefore)
      }
    }
    return try PackedBatch(lanes, selection, for: transformer.configuration)
  }

  /// Room for [givers · rows of tails] of any hook that runs take rows from, the most that a slot takes; never empty.
  func givenRows(_ givers: Int) throws -> Matrix {
    let width = max(transformer.configuration.dModel, transformer.configuration.attentionWidth)
    let count = max(givers * tailRows, 1) * width
    if let given, given.buffer.count >= count { return given }
    let made = Matrix(try transformer.device.makeBuffer(count: count), columns: width)
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
