import Compute
import Foundation

/// Buffers, and reading and writing them. Every range is checked here, so an error is thrown where another
/// device might corrupt memory.
extension ReferenceDevice {
  package func makeBuffer(count: Int, _ elementType: ElementType) throws -> any Buffer {
    // An element is kept in 8 bytes, twice the size of its element type.
    let limit = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    _ = try bufferBytes(
      count, elementType, limit: limit / 2, device: description.selector, "the machine has \(limit) bytes")
    switch elementType {
    case .float32: return ReferenceBuffer(values: [Double](repeating: 0, count: count))
    case .int32: return ReferenceBuffer(integers: [Int](repeating: 0, count: count))
    }
  }

  package func makeBuffer(_ values: [Float]) throws -> any Buffer {
    ReferenceBuffer(values: values.map(Double.init))
  }

  package func makeBuffer(_ values: [Int32]) throws -> any Buffer {
    ReferenceBuffer(integers: values.map(Int.init))
  }

  package func write(_ values: [Float], to buffer: any Buffer, at offset: Int) throws {
    try write(values.map(Double.init), to: buffer, at: offset)
  }

  /// Writes floats without rounding: central differences need steps that single precision cannot represent.
  package func write(_ values: [Double], to buffer: any Buffer, at offset: Int) throws {
    let target = try resolve(buffer, .float32, in: "write")
    try checkElements(offset, values.count, of: target, .float32, in: "write")
    for (index, value) in values.enumerated() { target.values[offset + index] = value }
  }

  package func write(_ values: [Int32], to buffer: any Buffer, at offset: Int) throws {
    let target = try resolve(buffer, .int32, in: "write")
    try checkElements(offset, values.count, of: target, .int32, in: "write")
    for (index, value) in values.enumerated() { target.integers[offset + index] = Int(value) }
  }

  package func read(_ buffer: any Buffer, _ range: Range<Int>) throws -> [Float] {
    try readDoubles(buffer, range).map { Float($0) }
  }

  package func readDoubles(_ buffer: any Buffer, _ range: Range<Int>) throws -> [Double] {
    let source = try resolve(buffer, .float32, in: "read")
    try checkElements(range, of: source, .float32, in: "read")
    return Array(source.values[range])
  }

  package func copy(from source: any Buffer, _ range: Range<Int>, to target: any Buffer, at offset: Int)
    throws
  {
    let from = try resolve(source, source.elementType, in: "copy")
    let into = try resolve(target, source.elementType, in: "copy")
    try checkElements(range, of: from, from.elementType, in: "copy")
    try checkElements(offset, range.count, of: into, from.elementType, in: "copy")
    let end = offset + range.count
    switch from.elementType {
    case .float32: into.values.replaceSubrange(offset..<end, with: Array(from.values[range]))
    case .int32: into.integers.replaceSubrange(offset..<end, with: Array(from.integers[range]))
    }
  }

  package func synchronize() throws {}

  /// The buffer as a buffer of this device, with elements of the type that the operation needs.
  func resolve(_ buffer: any Buffer, _ elementType: ElementType, in operation: String) throws
    -> ReferenceBuffer
  {
    guard let own = buffer as? ReferenceBuffer else {
      throw ComputeError.foreignBuffer(operation: operation, device: description.selector)
    }
    guard own.elementType == elementType else {
      throw ComputeError.invalid(operation, "a buffer of \(own.elementType), expected \(elementType)")
    }
    return own
  }
}
