/// Throws unless `buffer` holds at least `count` integers.
func checkIndices(_ buffer: any Buffer, _ name: String, count: Int, in operation: String) throws {
  guard buffer.elementType == .int32 else {
    throw ComputeError.invalid(operation, "\(name) holds \(buffer.elementType), expected int32")
  }
  guard buffer.count >= count else {
    throw ComputeError.invalid(operation, "\(name) holds \(buffer.count) integers, expected \(count)")
  }
}
