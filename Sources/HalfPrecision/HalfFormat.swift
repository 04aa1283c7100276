/// The two 16-bit floating-point formats in which numbers can be kept.
package enum HalfFormat: String, Sendable, CaseIterable {
  /// IEEE 754 binary16: 1 sign bit, 5 of the exponent, 10 of the fraction.
  case float16
  /// The upper half of a single-precision number: 1 sign bit, 8 of the exponent, 7 of the fraction.
  case bfloat16

  /// The value of a number of this format, which is exact in single precision.
  ///
  /// `Float16` does not exist on every processor, so its conversion is written out.
  @inlinable package func value(_ bits: UInt16) -> Float {
    guard self == .float16 else { return Float(bitPattern: UInt32(bits) << 16) }
    let sign = UInt32(bits & 0x8000) << 16
    let exponent = UInt32(bits >> 10) & 0x1f
    let fraction = UInt32(bits & 0x3ff)
    switch exponent {
    case 0:
      let magnitude = Float(fraction) * 0x1p-24
      return sign == 0 ? magnitude : -magnitude
    case 31:
      return Float(bitPattern: sign | 0x7f80_0000 | fraction << 13)
    default:
      return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }

  /// The bits of a value that this format can represent; nil for another.
  @inlinable package func bits(_ value: Float) -> UInt16? {
    let pattern = value.bitPattern
    let bits: UInt16
    switch self {
    case .bfloat16: bits = UInt16(pattern >> 16)
    case .float16:
      let sign = UInt16(pattern >> 16) & 0x8000
      let magnitude = value.magnitude
      if magnitude < 0x1p-14 {
        bits = sign | UInt16(magnitude * 0x1p24)
      } else {
        bits = sign | UInt16(truncatingIfNeeded: (pattern & 0x7fff_ffff) >> 13 &- 112 << 10)
      }
    }
    return self.value(bits).bitPattern == pattern ? bits : nil
  }

  /// The numbers of this format that have these values, two in each word, the first in its lower half; nil if a value is
  /// none of this format.
  package func words(_ values: [Float]) -> [Int32]? {
    self == .bfloat16 ? Self.upperHalves(values) : scalarWords(values)
  }

  private func scalarWords(_ values: [Float]) -> [Int32]? {
    var words = [Int32](repeating: 0, count: (values.count + 1) / 2)
    for (index, value) in values.enumerated() {
      guard let bits = bits(value) else { return nil }
      words[index / 2] |= Int32(bitPattern: UInt32(bits) << (index % 2 == 0 ? 0 : 16))
    }
    return words
  }

  /// The upper halves of numbers whose lower halves are zero, without a branch for each.
  private static func upperHalves(_ values: [Float]) -> [Int32]? {
    var lower: UInt32 = 0
    let words = values.withUnsafeBufferPointer { values in
      [Int32](unsafeUninitializedCapacity: (values.count + 1) / 2) { words, initialised in
        for pair in 0..<values.count / 2 {
          let (first, second) = (values[2 * pair].bitPattern, values[2 * pair + 1].bitPattern)
          lower |= first | second
          words.initializeElement(at: pair, to: Int32(bitPattern: first >> 16 | second & 0xffff_0000))
        }
        if values.count % 2 == 1 {
          let last = values[values.count - 1].bitPattern
          lower |= last
          words.initializeElement(at: values.count / 2, to: Int32(bitPattern: last >> 16))
        }
        initialised = (values.count + 1) / 2
      }
    }
    return lower & 0xffff == 0 ? words : nil
  }
}
