/// The value of an IEEE 754 binary16 number (1 sign, 5 exponent, 10 fraction bits), exact in single precision.
///
/// The conversion is written out because `Float16` does not exist on every processor.
func singlePrecision(half bits: UInt16) -> Float {
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

/// The value of a bfloat16 number: the upper half of a single-precision one.
func singlePrecision(brain bits: UInt16) -> Float {
  Float(bitPattern: UInt32(bits) << 16)
}
