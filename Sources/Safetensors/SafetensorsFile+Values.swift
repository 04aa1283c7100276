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
    try forEachPiece(of: name, shape: shape) { (_, piece, total) throws(SafetensorsError) in
      if values.isEmpty { values.reserveCapacity(total) }
      values += piece
    }
    return values
  }

  /// The same as `floats(named:shape:)`, except that NaN and infinity throw. An F64 value beyond single
  /// precision counts as infinity.
  ///
  /// - Throws: what that function throws, and `SafetensorsError.nonFinite` for the first such element.
  package func finiteFloats(named name: String, shape: [Int]? = nil) throws(SafetensorsError) -> [Float] {
    var values: [Float] = []
    try forEachPiece(of: name, shape: shape) { (first, piece, total) throws(SafetensorsError) in
      if values.isEmpty { values.reserveCapacity(total) }
      try requireFinite(piece, from: first, of: name)
      values += piece
    }
    return values
  }

  /// Passes the finite elements of a float tensor to `body` in order, in pieces of at most one megabyte, so
  /// that a large tensor is never in memory as a whole.
  ///
  /// - Parameter body: receives the index of the piece's first element, and the piece.
  /// - Throws: what `finiteFloats(named:shape:)` and `body` throw.
  package func forEachFinitePiece(
    of name: String, shape: [Int]? = nil, _ body: (_ first: Int, _ values: [Float]) throws -> Void
  ) throws {
    var failure: (any Error)?
    try forEachPiece(of: name, shape: shape) { (first, piece, _) throws(SafetensorsError) in
      guard failure == nil else { return }
      try requireFinite(piece, from: first, of: name)
      do { try body(first, piece) } catch { failure = error }
    }
    if let failure { throw failure }
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
      case .bool: appendValues(of: data, as: UInt8.self, to: &values) { $0 == 0 ? 0 : 1 }
      case .int8: appendValues(of: data, as: Int8.self, to: &values) { Int($0) }
      case .uint8: appendValues(of: data, as: UInt8.self, to: &values) { Int($0) }
      case .int16: appendValues(of: data, as: Int16.self, to: &values) { Int($0) }
      case .uint16: appendValues(of: data, as: UInt16.self, to: &values) { Int($0) }
      case .int32: appendValues(of: data, as: Int32.self, to: &values) { Int($0) }
      case .uint32: appendValues(of: data, as: UInt32.self, to: &values) { Int($0) }
      // A U64 above Int.max becomes negative.
      default: appendValues(of: data, as: Int64.self, to: &values) { Int($0) }
      }
    }
    if dtype == .uint64, let index = values.firstIndex(where: { $0 < 0 }) {
      throw .integerTooLarge(file: path, tensor: name, index: index)
    }
    return values
  }

  /// Passes the pieces of a float tensor to `body`: the index of the first element, the elements, and their
  /// total number.
  private func forEachPiece(
    of name: String, shape: [Int]?, _ body: (Int, [Float], Int) throws(SafetensorsError) -> Void
  ) throws(SafetensorsError) {
    let (tensor, dtype) = try known(name, shape: shape)
    guard dtype.isFloat else { throw .wrongType(file: path, tensor: name, dtype: dtype, wanted: "floats") }
    let size = dtype.bitCount / 8
    var values: [Float] = []
    values.reserveCapacity(min(tensor.byteCount, ByteRange.pieceSize) / size)
    try tensor.bytes.forEachPiece { (begin, data) throws(SafetensorsError) in
      values.removeAll(keepingCapacity: true)
      switch dtype {
      case .float64:
        appendValues(of: data, as: UInt64.self, to: &values) { Float(Double(bitPattern: $0)) }
      case .float16: appendValues(of: data, as: UInt16.self, to: &values) { HalfFormat.float16.value($0) }
      case .bfloat16: appendValues(of: data, as: UInt16.self, to: &values) { HalfFormat.bfloat16.value($0) }
      default: appendValues(of: data, as: UInt32.self, to: &values) { Float(bitPattern: $0) }
      }
      try body(begin / size, values, tensor.byteCount / size)
    }
  }

  private func requireFinite(
    _ values: [Float], from first: Int, of name: String
  ) throws(SafetensorsError) {
    // Without an early end the processor checks many at a time.
    let exponent: UInt32 = 0x7f80_0000
    let isFinite = values.withUnsafeBufferPointer { values in
      var found = false
      for value in values { found = found || value.bitPattern & exponent == exponent }
      return !found
    }
    if !isFinite, let index = values.firstIndex(where: { !$0.isFinite }) {
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
  /// Whether `floats(named:)` can read the type.
  fileprivate var isFloat: Bool { [.float16, .bfloat16, .float32, .float64].contains(self) }

  /// Whether `integers(named:)` can read the type.
  fileprivate var isInteger: Bool {
    [.bool, .uint8, .int8, .uint16, .int16, .uint32, .int32, .uint64, .int64].contains(self)
  }
}

/// Appends the value of each little-endian word of `bytes` to `values`. Bytes after the last whole word are
/// ignored.
///
/// The function is in this file because a debug build specialises a generic function only for calls in the
/// same file. Elsewhere it would be about thirty times slower.
private func appendValues<Word: FixedWidthInteger, Value>(
  of bytes: Data, as word: Word.Type, to values: inout [Value], _ value: (Word) -> Value
) {
  bytes.withUnsafeBytes { buffer in
    let count = buffer.count / MemoryLayout<Word>.size
    values += [Value](unsafeUninitializedCapacity: count) { target, initialised in
      for index in 0..<count {
        let word = buffer.loadUnaligned(fromByteOffset: index * MemoryLayout<Word>.size, as: Word.self)
        target.initializeElement(at: index, to: value(Word(littleEndian: word)))
      }
      initialised = count
    }
  }
}
