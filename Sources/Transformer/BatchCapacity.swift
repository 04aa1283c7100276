/// The largest batch that buffers have room for.
struct BatchCapacity {
  var rows = 0
  /// The number of rows with logits.
  var outputRows = 0
  var storage = ActivationStorage.nothing
  /// Whether batches may have distinct rows only.
  var sharesRows = false

  /// Whether it is enough for what needs `other`.
  func covers(_ other: BatchCapacity) -> Bool {
    rows >= other.rows && outputRows >= other.outputRows && storage >= other.storage
      && (sharesRows || !other.sharesRows)
  }

  /// The least capacity that covers both.
  func union(_ other: BatchCapacity) -> BatchCapacity {
    BatchCapacity(
      rows: max(rows, other.rows), outputRows: max(outputRows, other.outputRows),
      storage: max(storage, other.storage), sharesRows: sharesRows || other.sharesRows)
  }
}

extension Batch {
  func capacity(_ storage: ActivationStorage) -> BatchCapacity {
    BatchCapacity(
      rows: extent, outputRows: outputRows.extent, storage: storage, sharesRows: shared != nil)
  }
}
