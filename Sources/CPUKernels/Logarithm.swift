/// ln x within 1 ULP for normal x > 0; NaN stays NaN.
///
/// x = 2ⁿ·(1 + f) with 1 + f in √½ … √2, ln(1 + f) = f − f²/2 + f³·p(f), and ln 2 in two parts. The
/// polynomial p is our own minimax fit of degree 8, with an error of 7e-10 relative to f.
@inline(always)
func logarithm(_ x: Vector) -> Vector {
  let exponent = (bits(x) &- 0x3f35_04f3) &>> 23
  let f = vector(bits(x) &- (exponent &<< 23)) - 1
  // Adding an integer to the bits of 1.5·2²³ converts it to a float.
  let shifter = Vector(repeating: 12_582_912)
  let n = vector(bits(shifter) &+ exponent) - shifter
  var p = Vector(repeating: 0.069_154_244_657_147_09)
  p = multiplyAdd(p, f, Vector(repeating: -0.117_898_351_854_035_27))
  p = multiplyAdd(p, f, Vector(repeating: 0.118_729_654_939_025_9))
  p = multiplyAdd(p, f, Vector(repeating: -0.123_843_430_769_938_42))
  p = multiplyAdd(p, f, Vector(repeating: 0.142_186_588_837_182_81))
  p = multiplyAdd(p, f, Vector(repeating: -0.166_692_511_532_859_94))
  p = multiplyAdd(p, f, Vector(repeating: 0.200_022_265_841_689_17))
  p = multiplyAdd(p, f, Vector(repeating: -0.249_999_865_933_368_34))
  p = multiplyAdd(p, f, Vector(repeating: 0.333_333_104_403_485_24))
  let square = f * f
  let rest = multiplyAdd(-0.5, square, -2.121_944_40e-4 * n)
  let small = multiplyAdd(p, square * f, rest) + f
  return multiplyAdd(0.693_359_375, n, small) + (x - x)
}
