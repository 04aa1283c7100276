import Compute
import Tasks

/// The same sequences in one lane, or side by side in several lanes: the rows and layouts of a forked
/// forward. They are reused from pass to pass while the sequences have the same lengths. Their tokens then
/// belong to an earlier pass, so only rows and layouts may be used.
final class LaneBatches {
  private let transformer: Transformer
  /// Live rows, or all of them.
  private let selection: RowSelection
  private var sequences: [TokenSequence] = []
  /// For each sequence, which positions have a target.
  private var shape: [[Bool]] = []
  private var batches: [Int: Batch] = [:]
  private var given: Matrix?
  /// The number of rows in a lane: all rows, and those with a target.
  private(set) var rows = 0
  private(set) var outputRows = 0

  init(_ transformer: Transformer, _ selection: RowSelection) {
    self.transformer = transformer
    self.selection = selection
  }

  func setSequences(_ sequences: [TokenSequence]) throws {
    let shape = sequences.map { $0.targets.map { $0 >= 0 } }
    guard shape != self.shape else { return }
    (self.sequences, self.shape, batches, given) = (sequences, shape, [:], nil)
    let one = try batch(1)
    (rows, outputRows) = (one.rows.extent, one.outputRows.extent)
  }

  func batch(_ lanes: Int) throws -> Batch {
    if let batch = batches[lanes] { return batch }
    let batch = try self.batch([Lane](repeating: Lane(sequences: sequences), count: lanes))
    batches[lanes] = batch
    return batch
  }

  /// A batch with its own tokens and targets, and the same rows as the others.
  func batch(_ lanes: [Lane]) throws -> Batch {
    try Batch(lanes, selection, for: transformer.configuration, on: transformer.device)
  }

  /// Room for [givers · rows] of any hook that runs take rows from; never empty.
  func givenRows(_ givers: Int) throws -> Matrix {
    if let given { return given }
    let width = max(transformer.configuration.dModel, transformer.configuration.attentionWidth)
    let made = Matrix(
      try transformer.device.makeBuffer(count: max(givers * rows, 1) * width), columns: width)
    given = made
    return made
  }

  /// Whether a block computes only rows with a target after its keys and values.
  func narrows(_ layer: Int) -> Bool {
    selection != .all && layer == transformer.configuration.layers - 1
  }

  func rows(afterHeadsOf layer: Int) -> Int { narrows(layer) ? outputRows : rows }
}
