/// The double nearest to a decimal number, of which ties go to the even one, from the bytes of a JSON number.
///
/// Numbers of up to 19 digits with an exponent of up to ±27 take one exact division or multiplication of whole numbers; others
/// are left to the standard library.
///
/// - Parameter range: a number as in RFC 8259, of which nothing is checked.
/// - Returns: `nil` for a number that no normal double is near to.
func double(_ bytes: [UInt8], _ range: Range<Int>) -> Double? {
  var (digits, count, exponent) = (UInt64(0), 0, 0)
  var place = range.lowerBound
  let isNegative = bytes[place] == UInt8(ascii: "-")
  if isNegative { place += 1 }
  var isFraction = false
  scan: while place < range.upperBound {
    switch bytes[place] {
    case UInt8(ascii: "."): isFraction = true
    case UInt8(ascii: "e"), UInt8(ascii: "E"):
      guard let written = written(bytes[(place + 1)..<range.upperBound]) else { return slow(bytes, range) }
      exponent += written
      break scan
    case let digit:
      // Zeros in front are no digits.
      if count > 0 || digit != UInt8(ascii: "0") { count += 1 }
      guard count <= 19 else { return slow(bytes, range) }
      digits = 10 * digits + UInt64(digit - UInt8(ascii: "0"))
      if isFraction { exponent -= 1 }
    }
    place += 1
  }
  guard digits > 0 else { return isNegative ? -0.0 : 0 }
  guard abs(exponent) < powersOfFive.count else { return slow(bytes, range) }
  let value = exponent < 0 ? quotient(digits, exponent) : product(digits, exponent)
  return isNegative ? -value : value
}

/// The exponent that is written after the letter; `nil` for a huge one.
private func written(_ text: ArraySlice<UInt8>) -> Int? {
  let isNegative = text.first == UInt8(ascii: "-")
  var value = 0
  for byte in text where byte >= UInt8(ascii: "0") {
    value = 10 * value + Int(byte - UInt8(ascii: "0"))
    guard value < 1000 else { return nil }
  }
  return isNegative ? -value : value
}

private func slow(_ bytes: [UInt8], _ range: Range<Int>) -> Double? {
  guard let value = Double(String(decoding: bytes[range], as: UTF8.self)), value.isNormal else { return nil }
  return value
}

/// 5⁰ to 5²⁷, the largest below 2⁶⁴.
private let powersOfFive: [UInt64] = (0...27).map { (0..<$0).reduce(1) { value, _ in 5 * value } }

/// digits · 10ᵉ for a negative exponent e: digits / 5⁻ᵉ · 2ᵉ.
private func quotient(_ digits: UInt64, _ exponent: Int) -> Double {
  let divisor = powersOfFive[-exponent]
  let shift = digits.leadingZeroBitCount
  // The 128-bit number that begins with the digits, divided as on paper, 64 bits at a time.
  let (high, rest) = (digits << UInt64(shift)).quotientAndRemainder(dividingBy: divisor)
  let (low, last) = divisor.dividingFullWidth((rest, 0))
  return rounded(high, low, isExact: last == 0, exponent: exponent - shift - 64)
}

/// digits · 10ᵉ for an exponent e that is not negative: digits · 5ᵉ · 2ᵉ.
private func product(_ digits: UInt64, _ exponent: Int) -> Double {
  let (high, low) = digits.multipliedFullWidth(by: powersOfFive[exponent])
  return rounded(high, low, isExact: true, exponent: exponent)
}

/// The double nearest to (high · 2⁶⁴ + low, and a little more unless it is exact) · 2ᵉ. It is not zero, and far from the
/// ends of the range of doubles.
private func rounded(_ high: UInt64, _ low: UInt64, isExact: Bool, exponent: Int) -> Double {
  let shift = high == 0 ? 64 + low.leadingZeroBitCount : high.leadingZeroBitCount
  // The first 64 bits, the highest of them set, and whether any bit follows.
  let top =
    shift >= 64
    ? low << UInt64(shift - 64) : high << UInt64(shift) | (shift == 0 ? 0 : low >> UInt64(64 - shift))
  let below = shift >= 64 ? 0 : low << UInt64(shift)
  // 53 bits are kept. What follows them is compared with one half.
  var kept = top >> 11
  let rest = top & 0x7ff
  if rest > 0x400 || rest == 0x400 && (below != 0 || !isExact || kept & 1 == 1) { kept += 1 }
  return Double(sign: .plus, exponent: exponent + 64 - shift + 11, significand: Double(kept))
}
