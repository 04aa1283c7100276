import HalfPrecision

/// The largest batch that buffers have room for.
struct BatchCapacity {
  var rows = 0
  /// The number of rows with logits.
  var outputRows = 0
  var storage = ActivationStorage.nothing
  /// The number of keys, if rows are shared, so that they are other rows than those of the batch.
  var keyRows = 0
  /// Whether batches may have distinct rows only.
  var sharesInputs = false
  /// The format in which everything is kept; nil for single precision.
  var format: HalfFormat?

  /// Whether it is enough for what needs `other`.
  func covers(_ other: BatchCapacity) -> Bool {
    rows >= other.rows && outputRows >= other.outputRows && storage >= other.storage
      && keyRows >= other.keyRows && (sharesInputs || !other.sharesInputs)
      && (format == other.format || other.storage != .everything)
  }

  /// The least capacity that covers both.
  func union(_ other: BatchCapacity) -> BatchCapacity {
    BatchCapacity(
      rows: max(rows, other.rows), outputRows: max(outputRows, other.outputRows),
      storage: max(storage, other.storage), keyRows: max(keyRows, other.keyRows),
      sharesInputs: sharesInputs || other.sharesInputs, format: other.format ?? format)
  }
}

extension Batch {
  func capacity(_ storage: ActivationStorage) -> BatchCapacity {
    BatchCapacity(
      rows: extent, outputRows: outputRows.extent, storage: storage, keyRows: keyExtent,
      sharesInputs: shared?.inputs != nil)
  }
}
