import Foundation
import HalfPrecision

/// The elements of tensors as Swift arrays in row-major order.
extension SafetensorsFile {
  /// The elements of an F32, F64, F16 or BF16 tensor; F64 is rounded to single precision.
  ///
  /// - Throws: `SafetensorsError.missingTensor`; `wrongShape` if `shape` is given and differs; `wrongType` or
  ///   `unknownType`; `unreadable`.
  package func floats(named name: String, shape: [Int]? = nil) throws(SafetensorsError) -> [Float] {
    var values: [Float] = []
    let pieces = try pieces(of: name, shape: shape)
    values.reserveCapacity(pieces.last?.upperBound ?? 0)
    for piece in pieces { values += try floats(named: name, piece) }
    return values
  }

  /// The same as `floats(named:shape:)`, except that NaN and infinity throw. An F64 value beyond single
  /// precision counts as infinity.
  ///
  /// - Throws: what that function throws, and `SafetensorsError.nonFinite` for the first such element.
  package func finiteFloats(named name: String, shape: [Int]? = nil) throws(SafetensorsError) -> [Float] {
    var values: [Float] = []
    let pieces = try pieces(of: name, shape: shape)
    values.reserveCapacity(pieces.last?.upperBound ?? 0)
    for piece in pieces { values += try finiteFloats(named: name, piece) }
    return values
  }

  /// Passes the finite elements of a float tensor to `body` in order, a piece at a time, so that a large tensor is never in
  /// memory as a whole.
  ///
  /// - Parameter body: receives the index of the piece's first element, and the piece.
  /// - Throws: what `finiteFloats(named:shape:)` and `body` throw.
  package func forEachFinitePiece(
    of name: String, shape: [Int]? = nil, _ body: (_ first: Int, _ values: [Float]) throws -> Void
  ) throws {
    for piece in try pieces(of: name, shape: shape) {
      try body(piece.lowerBound, finiteFloats(named: name, piece))
    }
  }

  /// The elements of a float tensor, divided into pieces that are read quickly, of half a megabyte in the file.
  ///
  /// - Throws: as `floats(named:shape:)`.
  package func pieces(of name: String, shape: [Int]? = nil) throws(SafetensorsError) -> [Range<Int>] {
    let (tensor, dtype) = try known(name, shape: shape)
    guard dtype.isFloat else { throw .wrongType(file: path, tensor: name, dtype: dtype, wanted: "floats") }
    let size = dtype.bitCount / 8
    let (count, length) = (tensor.byteCount / size, ByteRange.pieceSize / size)
    return stride(from: 0, to: count, by: length).map { $0..<min($0 + length, count) }
  }

  /// Some elements of a float tensor, none of which is NaN or infinite.
  ///
  /// - Parameter range: one of `pieces(of:shape:)`.
  /// - Throws: as `finiteFloats(named:shape:)`.
  package func finiteFloats(named name: String, _ range: Range<Int>) throws(SafetensorsError) -> [Float] {
    let values = try floats(named: name, range)
    try requireFinite(values, from: range.lowerBound, of: name)
    return values
  }

  /// The bits of some elements of an F16 or BF16 tensor, none of which is NaN or infinite.
  ///
  /// - Parameters:
  ///   - range: one of `pieces(of:shape:)`.
  ///   - body: receives the bits, which it must not keep.
  /// - Throws: as `finiteFloats(named:shape:)`.
  package func withFiniteHalves(
    named name: String, _ range: Range<Int>, _ body: (UnsafeBufferPointer<UInt16>) -> Void
  ) throws(SafetensorsError) {
    let (tensor, dtype) = try known(name, shape: nil)
    guard let format = dtype.halfFormat else {
      throw .wrongType(file: path, tensor: name, dtype: dtype, wanted: "numbers in half precision")
    }
    // A typed error does not come out of the closure.
    let result = withUnsafeTemporaryAllocation(of: UInt16.self, capacity: range.count) { bits in
      Result { () throws(SafetensorsError) in
        let bytes = UnsafeMutableRawBufferPointer(bits)
        try tensor.bytes.read(2 * range.lowerBound..<2 * range.upperBound, into: bytes)
        for index in bits.indices { bits[index] = UInt16(littleEndian: bits[index]) }
        if let index = format.firstNotFinite(in: UnsafeBufferPointer(bits)) {
          throw .nonFinite(file: path, tensor: name, index: range.lowerBound + index)
        }
        body(UnsafeBufferPointer(bits))
      }
    }
    try result.get()
  }

  /// The elements of an F64 tensor.
  ///
  /// - Throws: `SafetensorsError.missingTensor`; `wrongShape` if `shape` is given and differs; `wrongType` or
  ///   `unknownType`; `unreadable`.
  package func doubles(named name: String, shape: [Int]? = nil) throws(SafetensorsError) -> [Double] {
    let (tensor, dtype) = try known(name, shape: shape)
    guard dtype == .float64 else {
      throw .wrongType(file: path, tensor: name, dtype: dtype, wanted: "numbers in double precision")
    }
    return decoded(try tensor.contents(), as: UInt64.self) { Double(bitPattern: $0) }
  }

  /// The first bytes of a tensor.
  ///
  /// - Throws: `SafetensorsError.missingTensor`, `unreadable`.
  package func beginning(of name: String, bytes: Int) throws(SafetensorsError) -> Data {
    let tensor = try tensor(named: name)
    return try tensor.bytes.read(0..<min(bytes, tensor.byteCount))
  }

  /// The elements of a tensor of integers of any width, or of BOOL (0 or 1).
  ///
  /// - Throws: `SafetensorsError.missingTensor`; `wrongShape` if `shape` is given and differs; `wrongType` or
  ///   `unknownType`; `integerTooLarge` for a U64 above `Int.max`; `unreadable`.
  package func integers(named name: String, shape: [Int]? = nil) throws(SafetensorsError) -> [Int] {
    let (tensor, dtype) = try known(name, shape: shape)
    guard dtype.isInteger else {
      throw .wrongType(file: path, tensor: name, dtype: dtype, wanted: "integers")
    }
    var values: [Int] = []
    values.reserveCapacity(tensor.byteCount * 8 / dtype.bitCount)
    try tensor.bytes.forEachPiece { (_, data) throws(SafetensorsError) in
      switch dtype {
      case .bool: values += decoded(data, as: UInt8.self) { $0 == 0 ? 0 : 1 }
      case .int8: values += decoded(data, as: Int8.self) { Int($0) }
      case .uint8: values += decoded(data, as: UInt8.self) { Int($0) }
      case .int16: values += decoded(data, as: Int16.self) { Int($0) }
      case .uint16: values += decoded(data, as: UInt16.self) { Int($0) }
      case .int32: values += decoded(data, as: Int32.self) { Int($0) }
      case .uint32: values += decoded(data, as: UInt32.self) { Int($0) }
      // A U64 above Int.max becomes negative.
      default: values += decoded(data, as: Int64.self) { Int($0) }
      }
    }
    if dtype == .uint64, let index = values.firstIndex(where: { $0 < 0 }) {
      throw .integerTooLarge(file: path, tensor: name, index: index)
    }
    return values
  }

  /// Some elements of a float tensor.
  private func floats(named name: String, _ range: Range<Int>) throws(SafetensorsError) -> [Float] {
    let (tensor, dtype) = try known(name, shape: nil)
    let size = dtype.bitCount / 8
    let data = try tensor.bytes.read(range.lowerBound * size..<range.upperBound * size)
    return switch dtype {
    case .float64: decoded(data, as: UInt64.self) { Float(Double(bitPattern: $0)) }
    case .float16: data.withUnsafeBytes { HalfFormat.float16.values($0) }
    case .bfloat16: data.withUnsafeBytes { HalfFormat.bfloat16.values($0) }
    default: decoded(data, as: UInt32.self) { Float(bitPattern: $0) }
    }
  }

  private func requireFinite(
    _ values: [Float], from first: Int, of name: String
  ) throws(SafetensorsError) {
    // The largest magnitude, as whole numbers: without an early end the processor compares many at a time.
    let largest = values.withUnsafeBufferPointer { values in
      var largest: UInt32 = 0
      for value in values { largest = max(largest, value.bitPattern & 0x7fff_ffff) }
      return largest
    }
    if largest >= Float.infinity.bitPattern, let index = values.firstIndex(where: { !$0.isFinite }) {
      throw .nonFinite(file: path, tensor: name, index: first + index)
    }
  }

  /// The tensor with the given name, after its shape and type have been checked.
  private func known(
    _ name: String, shape: [Int]?
  ) throws(SafetensorsError) -> (SafetensorsTensor, SafetensorsType) {
    let tensor = try tensor(named: name)
    if let shape, shape != tensor.shape {
      throw .wrongShape(file: path, tensor: name, expected: shape, found: tensor.shape)
    }
    guard let dtype = tensor.dtype else {
      throw .unknownType(file: path, tensor: name, dtype: tensor.typeName)
    }
    return (tensor, dtype)
  }
}

extension SafetensorsType {
  /// The format of numbers in half precision; nil for other types.
  package var halfFormat: HalfFormat? {
    switch self {
    case .float16: .float16
    case .bfloat16: .bfloat16
    default: nil
    }
  }

  /// Whether `floats(named:)` can read the type.
  fileprivate var isFloat: Bool { [.float16, .bfloat16, .float32, .float64].contains(self) }

  /// Whether `integers(named:)` can read the type.
  fileprivate var isInteger: Bool {
    [.bool, .uint8, .int8, .uint16, .int16, .uint32, .int32, .uint64, .int64].contains(self)
  }
}

/// The value of each little-endian word of `bytes`. Bytes after the last whole word are ignored.
///
/// The function is in this file because a debug build specialises a generic function only for calls in the
/// same file. Elsewhere it would be about thirty times slower.
private func decoded<Word: FixedWidthInteger, Value>(
  _ bytes: Data, as word: Word.Type, _ value: (Word) -> Value
) -> [Value] {
  bytes.withUnsafeBytes { buffer in
    let count = buffer.count / MemoryLayout<Word>.size
    return [Value](unsafeUninitializedCapacity: count) { target, initialised in
      for index in 0..<count {
        let word = buffer.loadUnaligned(fromByteOffset: index * MemoryLayout<Word>.size, as: Word.self)
        target.initializeElement(at: index, to: value(Word(littleEndian: word)))
      }
      initialised = count
    }
  }
}
