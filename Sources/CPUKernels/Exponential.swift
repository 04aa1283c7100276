/// eˣ within 2 ULP for x in [−87.3, 88.7]. Below that range the result is zero or the smallest normal number;
/// NaN stays NaN.
///
/// x = n·ln 2 + r with |r| ≤ ln 2 / 2 (Cody–Waite: ln 2 in two parts), and eʳ = 1 + r + r²·p(r). The
/// polynomial p is our own minimax fit of degree 4, with a relative error of 3e-9.
@inline(always)
func exponential(_ x: Vector) -> Vector {
  let clamped = x.replacing(with: -87.3, where: x .< -87.3)
  // Adding 1.5·2²³ rounds to the nearest integer and leaves it in the low bits of the mantissa.
  let shifter = Vector(repeating: 12_582_912)
  let shifted = multiplyAdd(1.442_695_04, clamped, shifter)
  let n = shifted - shifter
  var r = multiplyAdd(-0.693_145_752, n, clamped)
  r = multiplyAdd(-1.428_606_82e-6, n, r)
  let e = multiplyAdd(fractionPolynomial(r), r * r, r) + 1
  let bits = unsafeBitCast(shifted, to: SIMD16<Int32>.self) &<< 23
  let scaled = unsafeBitCast(unsafeBitCast(e, to: SIMD16<Int32>.self) &+ bits, to: Vector.self)
  return scaled.replacing(with: 0, where: x .< -87.3)
}

/// eˣ − 1 for x ≤ 0, with a relative error of a few units in the last place; −1 below −87.3, and NaN stays NaN. As in
/// ``exponential(_:)``, eˣ is 2ⁿ·eʳ, so the result is 2ⁿ·(eʳ − 1) + (2ⁿ − 1), whose parts are not rounded where it is
/// small.
@inline(always)
func exponentialMinusOne(_ x: Vector) -> Vector {
  let clamped = x.replacing(with: -87.3, where: x .< -87.3)
  let shifter = Vector(repeating: 12_582_912)
  let shifted = multiplyAdd(1.442_695_04, clamped, shifter)
  let n = shifted - shifter
  var r = multiplyAdd(-0.693_145_752, n, clamped)
  r = multiplyAdd(-1.428_606_82e-6, n, r)
  let one = Vector(repeating: 1)
  let power = vector(bits(one) &+ (bits(shifted) &<< 23))
  return multiplyAdd(power, multiplyAdd(fractionPolynomial(r), r * r, r), power - one)
}

/// (eʳ − 1 − r)/r²
@inline(always)
private func fractionPolynomial(_ r: Vector) -> Vector {
  var p = Vector(repeating: 0.001_381_459_645_926_952_4)
  p = multiplyAdd(p, r, Vector(repeating: 0.008_368_717_506_527_9))
  p = multiplyAdd(p, r, Vector(repeating: 0.041_668_388_992_547_99))
  p = multiplyAdd(p, r, Vector(repeating: 0.166_665_211_319_923_4))
  return multiplyAdd(p, r, Vector(repeating: 0.499_999_940_395_355_2))
}
