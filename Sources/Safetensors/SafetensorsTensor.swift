import Foundation

/// One named tensor of a safetensors file: row-major, little-endian.
package struct SafetensorsTensor: Sendable {
  package let name: String
  /// The name of the type in the file.
  package let typeName: String
  /// The extent of each dimension, outermost first; empty for a scalar.
  package let shape: [Int]
  let bytes: ByteRange

  /// The element type; nil if this program does not know it.
  package var dtype: SafetensorsType? { SafetensorsType(rawValue: typeName) }

  package var byteCount: Int { bytes.count }

  /// The bytes of the elements. If the tensor lies in a file, this call reads them.
  ///
  /// - Throws: `SafetensorsError.unreadable`.
  package func contents() throws(SafetensorsError) -> Data { try bytes.read() }

  /// A tensor of raw bytes.
  ///
  /// - Throws: `SafetensorsError.badShape` if an extent is negative, or if the size is not a whole number of
  ///   bytes or overflows; `sizeMismatch` if the size of `data` differs.
  package init(name: String, dtype: SafetensorsType, shape: [Int], data: Data) throws(SafetensorsError) {
    guard let expected = Self.byteCount(of: shape, dtype: dtype) else {
      throw .badShape(file: nil, tensor: name, shape: shape)
    }
    guard expected == data.count else {
      throw .sizeMismatch(file: nil, tensor: name, shape: shape, expected: expected, found: data.count)
    }
    self.init(checkedName: name, typeName: dtype.rawValue, shape: shape, bytes: ByteRange(data))
  }

  /// A tensor of single-precision values (F32).
  ///
  /// - Throws: what the initialiser from raw bytes throws.
  package init(name: String, shape: [Int], floats: [Float]) throws(SafetensorsError) {
    try self.init(name: name, dtype: .float32, shape: shape, data: littleEndianData(floats))
  }

  /// A tensor of double-precision values (F64).
  ///
  /// - Throws: what the initialiser from raw bytes throws.
  package init(name: String, shape: [Int], doubles: [Double]) throws(SafetensorsError) {
    try self.init(name: name, dtype: .float64, shape: shape, data: littleEndianData(doubles))
  }

  /// A tensor of 32-bit integers (I32).
  ///
  /// - Throws: what the initialiser from raw bytes throws.
  package init(name: String, shape: [Int], integers: [Int32]) throws(SafetensorsError) {
    try self.init(name: name, dtype: .int32, shape: shape, data: littleEndianData(integers))
  }

  /// A tensor of 64-bit integers (I64).
  ///
  /// - Throws: what the initialiser from raw bytes throws.
  package init(name: String, shape: [Int], integers: [Int]) throws(SafetensorsError) {
    let data = littleEndianData(integers.map { Int64($0) })
    try self.init(name: name, dtype: .int64, shape: shape, data: data)
  }

  /// Makes a tensor of bytes whose number has already been checked against the shape.
  init(checkedName name: String, typeName: String, shape: [Int], bytes: ByteRange) {
    self.name = name
    self.typeName = typeName
    self.shape = shape
    self.bytes = bytes
  }

  /// The number of elements of a shape; nil if an extent is negative or the product overflows.
  static func elementCount(of shape: [Int]) -> Int? {
    var count = 1
    for extent in shape {
      guard extent >= 0 else { return nil }
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow else { return nil }
      count = product
    }
    return count
  }

  /// The size of a tensor in bytes; nil if an extent is negative, if the product overflows, or if the
  /// elements do not fill whole bytes.
  static func byteCount(of shape: [Int], dtype: SafetensorsType) -> Int? {
    guard let count = elementCount(of: shape) else { return nil }
    let (bits, overflow) = count.multipliedReportingOverflow(by: dtype.bitCount)
    guard !overflow, bits.isMultiple(of: 8) else { return nil }
    return bits / 8
  }
}
