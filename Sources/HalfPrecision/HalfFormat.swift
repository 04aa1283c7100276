/// The two 16-bit floating-point formats in which numbers can be kept.
package enum HalfFormat: String, Sendable, CaseIterable {
  /// IEEE 754 binary16: 1 sign bit, 5 of the exponent, 10 of the fraction.
  case float16
  /// The upper half of a single-precision number: 1 sign bit, 8 of the exponent, 7 of the fraction.
  case bfloat16

  /// The value of a number of this format, which is exact in single precision.
  ///
  /// `Float16` does not exist on every processor, so its conversion is written out.
  package func value(_ bits: UInt16) -> Float {
    guard self == .float16 else { return Float(bitPattern: UInt32(bits) << 16) }
    // The fraction and the exponent in their places; the exponent's bias differs by 112. A subnormal number becomes one of
    // single precision, which the product makes normal.
    let magnitude = (Float(bitPattern: UInt32(bits & 0x7fff) << 13) * 0x1p112).bitPattern
    // Infinity and NaN have come out as 2^16 and above.
    let special: UInt32 = magnitude >= 0x4780_0000 ? 0x7f80_0000 : 0
    return Float(bitPattern: UInt32(bits & 0x8000) << 16 | magnitude | special)
  }

  /// The values of little-endian numbers of this format.
  package func values(_ bytes: UnsafeRawBufferPointer) -> [Float] {
    // A loop of its own for each format, which the processor runs on many numbers at once.
    self == .float16 ? Self.values(bytes, .float16) : Self.values(bytes, .bfloat16)
  }

  @inline(__always) private static func values(
    _ bytes: UnsafeRawBufferPointer, _ format: HalfFormat
  ) -> [Float] {
    let count = bytes.count / 2
    return [Float](unsafeUninitializedCapacity: count) { values, initialised in
      for index in 0..<count {
        let bits = bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)
        values.initializeElement(at: index, to: format.value(UInt16(littleEndian: bits)))
      }
      initialised = count
    }
  }

  /// The bits of a value that this format can represent; nil for another.
  package func bits(_ value: Float) -> UInt16? {
    let bits = truncated(value)
    return self.value(bits).bitPattern == value.bitPattern ? bits : nil
  }

  /// The bits of a value that this format can represent, without a branch; meaningless bits for any other value.
  private func truncated(_ value: Float) -> UInt16 {
    let pattern = value.bitPattern
    guard self == .float16 else { return UInt16(pattern >> 16) }
    // The inverse of `value`.
    let magnitude = (value.magnitude * 0x1p-112).bitPattern >> 13
    return UInt16(truncatingIfNeeded: pattern >> 16 & 0x8000 | magnitude & 0x7fff)
  }

  /// The numbers of this format that have these values, two in each word, the first in its lower half; nil if a value is
  /// none of this format.
  package func words(_ values: ArraySlice<Float>) -> [Int32]? {
    // A loop of its own for each format, which the processor runs on many numbers at once.
    self == .float16 ? Self.words(values, .float16) : Self.words(values, .bfloat16)
  }

  @inline(__always) private static func words(_ values: ArraySlice<Float>, _ format: HalfFormat) -> [Int32]? {
    var changed: UInt32 = 0
    let words = values.withUnsafeBufferPointer { values in
      [Int32](unsafeUninitializedCapacity: (values.count + 1) / 2) { words, initialised in
        for pair in 0..<values.count / 2 {
          let (first, second) = (values[2 * pair], values[2 * pair + 1])
          let (low, high) = (format.truncated(first), format.truncated(second))
          changed |= format.value(low).bitPattern ^ first.bitPattern
          changed |= format.value(high).bitPattern ^ second.bitPattern
          words.initializeElement(at: pair, to: Int32(bitPattern: UInt32(low) | UInt32(high) << 16))
        }
        if values.count % 2 == 1 {
          let last = values[values.count - 1]
          let low = format.truncated(last)
          changed |= format.value(low).bitPattern ^ last.bitPattern
          words.initializeElement(at: values.count / 2, to: Int32(low))
        }
        initialised = (values.count + 1) / 2
      }
    }
    return changed == 0 ? words : nil
  }
}
