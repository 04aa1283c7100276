/// The two 16-bit floating-point formats in which numbers can be kept.
package enum HalfFormat: String, Sendable, CaseIterable {
  /// IEEE 754 binary16: 1 sign bit, 5 of the exponent, 10 of the fraction.
  case float16
  /// The upper half of a single-precision number: 1 sign bit, 8 of the exponent, 7 of the fraction.
  case bfloat16

  /// The largest relative error of a rounded normal number.
  package var unitRoundoff: Double { self == .float16 ? 0x1p-11 : 0x1p-8 }

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

  /// The number of this format that is nearest to a value, ties to even: infinite if the value is beyond all of them.
  package func bits(_ value: Float) -> UInt16 {
    let sign = UInt16(truncatingIfNeeded: value.bitPattern >> 16 & 0x8000)
    let magnitude = value.bitPattern & 0x7fff_ffff
    if self == .bfloat16 {
      if value.isNaN { return sign | 0x7fc0 }
      return sign | UInt16(truncatingIfNeeded: (magnitude + 0x7fff + (magnitude >> 16 & 1)) >> 16)
    }
    if value.isNaN { return sign | 0x7e00 }
    // At 2^16 all numbers of the format are exceeded. Just below, rounding leads to infinity.
    if magnitude >= 0x4780_0000 { return sign | 0x7c00 }
    // Below the smallest normal number, 2^-14, the spacing is 2^-24, which is also that of single precision above 1/2.
    if magnitude < 0x3880_0000 {
      return sign | UInt16(truncatingIfNeeded: (Float(bitPattern: magnitude) + 0.5).bitPattern - 0x3f00_0000)
    }
    // The biases of the exponents differ by 112.
    let rounded = magnitude - 112 << 23 + 0xfff + (magnitude >> 13 & 1)
    return sign | UInt16(truncatingIfNeeded: rounded >> 13)
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
