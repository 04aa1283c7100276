/// Throws unless `buffer` holds at least `count` integers.
///
/// The integers are row numbers of another operand. The caller must make sure that these rows exist. This
/// function does not check it, because the integers are in device memory, and reading them back would cost
/// more than the operation.
///
/// An integer that is not a row of the operand never makes an operation touch memory outside its operands. A
/// device whose memory the host can read throws `ComputeError.invalid`, which names the index and its place,
/// before it changes anything. Every other device skips the row with that index:
///
/// - If the row is looked up (``Embedding``, ``GatherRows``, ``Rotary``), the result is NaN. So is a sum of
///   ``SumRows`` if one of its members or bounds is out of range, and the loss and the gradient of a row of
///   ``CrossEntropy`` if its target is.
/// - If something would be added to the row (``ScatterRows``, ``EmbeddingBackward``), nothing is added.
///
/// Integers of rows that belong to no group are not read.
func checkIndices(_ buffer: any Buffer, _ name: String, count: Int, in operation: String) throws {
  guard buffer.elementType == .int32 else {
    throw ComputeError.invalid(operation, "\(name) holds \(buffer.elementType), expected int32")
  }
  guard count >= 0, buffer.count >= count else {
    throw ComputeError.invalid(operation, "\(name) holds \(buffer.count) integers, expected \(count)")
  }
}

extension Matrix {
  /// The number of rows from the offset on that lie entirely inside the buffer. Indices must be below it.
  package var availableRows: Int {
    guard offset >= 0, offset <= buffer.count, columns > 0, stride > 0 else { return 0 }
    let rest = buffer.count - offset
    return rest < columns ? 0 : (rest - columns) / stride + 1
  }
}
