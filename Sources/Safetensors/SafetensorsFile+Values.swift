/// The elements of a tensor as Swift arrays, row-major.
extension SafetensorsFile {
  /// The elements of an F32, F64, F16 or BF16 tensor; F64 is rounded to single precision.
  ///
  /// - Throws: `SafetensorsError.missingTensor`; `wrongShape` where `shape` is given and differs; `wrongType`.
  package func floats(named name: String, shape: [Int]? = nil) throws(SafetensorsError) -> [Float] {
    let tensor = try tensor(named: name, shape: shape)
    let words = littleEndianWords(tensor.data, size: tensor.dtype.byteCount)
    switch tensor.dtype {
    case .float32: return words.map { Float(bitPattern: UInt32(truncatingIfNeeded: $0)) }
    case .float64: return words.map { Float(Double(bitPattern: $0)) }
    case .float16: return words.map { singlePrecision(half: UInt16(truncatingIfNeeded: $0)) }
    case .bfloat16: return words.map { singlePrecision(brain: UInt16(truncatingIfNeeded: $0)) }
    default:
      throw .wrongType(file: path, tensor: name, dtype: tensor.dtype, wanted: "floats")
    }
  }

  /// As `floats(named:shape:)`, refusing NaN and infinity (an F64 value beyond single precision counts as one).
  ///
  /// - Throws: what that throws, and `SafetensorsError.nonFinite` with the first such element.
  package func finiteFloats(named name: String, shape: [Int]? = nil) throws(SafetensorsError) -> [Float] {
    let values = try floats(named: name, shape: shape)
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw .nonFinite(file: path, tensor: name, index: index)
    }
    return values
  }

  /// The elements of a tensor of integers of any width, or of BOOL (0 or 1).
  ///
  /// - Throws: `SafetensorsError.missingTensor`; `wrongShape` where `shape` is given and differs; `wrongType`;
  ///   `integerTooLarge` for a U64 above `Int.max`.
  package func integers(named name: String, shape: [Int]? = nil) throws(SafetensorsError) -> [Int] {
    let tensor = try tensor(named: name, shape: shape)
    let words = littleEndianWords(tensor.data, size: tensor.dtype.byteCount)
    switch tensor.dtype {
    case .bool: return words.map { $0 == 0 ? 0 : 1 }
    case .int8: return words.map { Int(Int8(truncatingIfNeeded: $0)) }
    case .int16: return words.map { Int(Int16(truncatingIfNeeded: $0)) }
    case .int32: return words.map { Int(Int32(truncatingIfNeeded: $0)) }
    case .int64: return words.map { Int(truncatingIfNeeded: $0) }
    case .uint8, .uint16, .uint32: return words.map { Int(truncatingIfNeeded: $0) }
    case .uint64:
      if let index = words.firstIndex(where: { $0 > UInt64(Int.max) }) {
        throw .integerTooLarge(file: path, tensor: name, index: index)
      }
      return words.map { Int($0) }
    case .float8E4M3, .float8E5M2, .float16, .bfloat16, .float32, .float64:
      throw .wrongType(file: path, tensor: name, dtype: tensor.dtype, wanted: "integers")
    }
  }

  private func tensor(named name: String, shape: [Int]?) throws(SafetensorsError) -> SafetensorsTensor {
    let tensor = try tensor(named: name)
    if let shape, shape != tensor.shape {
      throw .wrongShape(file: path, tensor: name, expected: shape, found: tensor.shape)
    }
    return tensor
  }
}
