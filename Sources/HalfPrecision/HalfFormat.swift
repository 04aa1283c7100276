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

  /// The index of the first number of this format that is NaN or infinite; nil if none is.
  package func firstNotFinite(in bits: UnsafeBufferPointer<UInt16>) -> Int? {
    let infinity: UInt16 = self == .float16 ? 0x7c00 : 0x7f80
    // The largest magnitude: without an early end the processor compares many at a time.
    var largest: UInt16 = 0
    for bits in bits { largest = max(largest, bits & 0x7fff) }
    return largest < infinity ? nil : bits.firstIndex { $0 & 0x7fff >= infinity }
  }
}
