import Foundation

/// One named tensor of a safetensors file: row-major, little-endian.
package struct SafetensorsTensor: Sendable, Equatable {
  package let name: String
  package let dtype: SafetensorsType
  /// The extent of each dimension, outermost first; empty for a scalar.
  package let shape: [Int]
  /// The elements' bytes: `elementCount` × `dtype.byteCount` of them.
  package let data: Data

  /// The number of elements: the product of `shape`.
  package var elementCount: Int { data.count / dtype.byteCount }

  /// A tensor of raw bytes.
  ///
  /// - Throws: `SafetensorsError.badShape` where an extent is negative or the size in bytes overflows, and
  ///   `sizeMismatch` where `data` has another size.
  package init(name: String, dtype: SafetensorsType, shape: [Int], data: Data) throws(SafetensorsError) {
    guard let expected = Self.byteCount(of: shape, dtype: dtype) else {
      throw .badShape(file: nil, tensor: name, shape: shape)
    }
    guard expected == data.count else {
      throw .sizeMismatch(file: nil, tensor: name, shape: shape, expected: expected, found: data.count)
    }
    self.init(checkedName: name, dtype: dtype, shape: shape, data: data)
  }

  /// A tensor of single-precision values (F32).
  ///
  /// - Throws: as the initialiser from raw bytes.
  package init(name: String, shape: [Int], floats: [Float]) throws(SafetensorsError) {
    let data = littleEndianData(floats.map(\.bitPattern))
    try self.init(name: name, dtype: .float32, shape: shape, data: data)
  }

  /// A tensor of 32-bit integers (I32).
  ///
  /// - Throws: as the initialiser from raw bytes.
  package init(name: String, shape: [Int], integers: [Int32]) throws(SafetensorsError) {
    try self.init(name: name, dtype: .int32, shape: shape, data: littleEndianData(integers))
  }

  /// A tensor of 64-bit integers (I64).
  ///
  /// - Throws: as the initialiser from raw bytes.
  package init(name: String, shape: [Int], integers: [Int]) throws(SafetensorsError) {
    let data = littleEndianData(integers.map { Int64($0) })
    try self.init(name: name, dtype: .int64, shape: shape, data: data)
  }

  /// For bytes whose count was checked against the shape.
  init(checkedName name: String, dtype: SafetensorsType, shape: [Int], data: Data) {
    self.name = name
    self.dtype = dtype
    self.shape = shape
    self.data = data
  }

  /// The size in bytes of a tensor, nil where an extent is negative or the product overflows.
  static func byteCount(of shape: [Int], dtype: SafetensorsType) -> Int? {
    var count = dtype.byteCount
    for extent in shape {
      guard extent >= 0 else { return nil }
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow else { return nil }
      count = product
    }
    return count
  }
}
