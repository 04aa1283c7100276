/// Throws unless `buffer` holds at least `count` integers.
///
/// The integers themselves, row numbers of another operand, are the caller's to keep inside it: they lie in device memory, and
/// reading them back would cost more than the operation. One that lies outside never makes an operation touch memory
/// outside its operands. A device that sees its memory throws `ComputeError.invalid`, which names the index and its place,
/// before it changes anything. Any other leaves the row out that the index names:
///
/// - a row that is looked up (``Embedding``, ``GatherRows``, ``Rotary``) becomes NaN, and so do the sum of ``SumRows`` one of whose
///   members or bounds lies outside, and the loss and the gradient of the row of ``CrossEntropy`` whose target does;
/// - a row that would be added (``ScatterRows``, ``EmbeddingBackward``) is added nowhere.
///
/// Integers of rows that belong to no group are not looked at.
func checkIndices(_ buffer: any Buffer, _ name: String, count: Int, in operation: String) throws {
  guard buffer.elementType == .int32 else {
    throw ComputeError.invalid(operation, "\(name) holds \(buffer.elementType), expected int32")
  }
  guard count >= 0, buffer.count >= count else {
    throw ComputeError.invalid(operation, "\(name) holds \(buffer.count) integers, expected \(count)")
  }
}

extension Matrix {
  /// Rows from the offset on that lie whole inside the buffer: what an index may name.
  package var availableRows: Int {
    guard offset >= 0, offset <= buffer.count, columns > 0, stride > 0 else { return 0 }
    let rest = buffer.count - offset
    return rest < columns ? 0 : (rest - columns) / stride + 1
  }
}
