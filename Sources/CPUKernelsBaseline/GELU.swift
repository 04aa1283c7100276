/// The exact GELU, `x·Φ(x)` with Φ the normal distribution function (Hendrycks & Gimpel 2016), and its
/// derivative `Φ(x) + x·φ(x)`. The OpenCL kernels use the same fits.

/// 2⁻ˢ for s ≥ 0, within 1e-7; below 2⁻¹²⁶ it stays there. The whole part goes into the exponent bits, the
/// rest, in −1/2 … 1/2, into a minimax polynomial.
@inline(always)
private func powerOfHalf(_ s: Vector) -> Vector {
  let bounded = s.replacing(with: 126, where: s .> 126)
  // Adding 1.5·2²³ leaves the nearest integer in the low bits.
  let shifter = Vector(repeating: 12_582_912)
  let shifted = bounded + shifter
  let rest = (shifted - shifter) - bounded
  var r = Vector(repeating: 1.535_336_20e-04)
  r = multiplyAdd(r, rest, Vector(repeating: 1.339_887_50e-03))
  r = multiplyAdd(r, rest, Vector(repeating: 9.618_436_92e-03))
  r = multiplyAdd(r, rest, Vector(repeating: 5.550_332_37e-02))
  r = multiplyAdd(r, rest, Vector(repeating: 2.402_264_77e-01))
  r = multiplyAdd(r, rest, Vector(repeating: 6.931_471_82e-01))
  r = multiplyAdd(r, rest, Vector(repeating: 1))
  let exponent = unsafeBitCast(shifted, to: SIMD16<Int32>.self) &<< 23
  return unsafeBitCast(unsafeBitCast(r, to: SIMD16<Int32>.self) &- exponent, to: Vector.self)
}

/// Φ within 1e-7, and with a relative error below 1 % in the lower tail: Φ(−t) = 2^−S(t), S a weighted minimax fit
/// to −log₂ Φ(−t) on 0 … 6.5, the error weighted with t·Φ(−t), which is what reaches the GELU.
@inline(always)
private func normalDistribution(_ x: Vector) -> Vector {
  let t = x.replacing(with: 0 - x, where: x .< 0)
  var s = Vector(repeating: 2.334_914_60e-06)
  s = multiplyAdd(s, t, Vector(repeating: -3.373_744_04e-05))
  s = multiplyAdd(s, t, Vector(repeating: 1.612_922_06e-04))
  s = multiplyAdd(s, t, Vector(repeating: 1.917_070_77e-04))
  s = multiplyAdd(s, t, Vector(repeating: -7.126_869_17e-03))
  s = multiplyAdd(s, t, Vector(repeating: 5.253_361_54e-02))
  s = multiplyAdd(s, t, Vector(repeating: 4.591_982_66e-01))
  s = multiplyAdd(s, t, Vector(repeating: 1.151_106_00))
  s = multiplyAdd(s, t, Vector(repeating: 1))
  let tail = powerOfHalf(s)
  return tail.replacing(with: 1 - tail, where: x .>= 0)
}

@inline(always)
func gelu(_ x: Vector) -> Vector { x * normalDistribution(x) }

@inline(always)
func geluDerivative(_ x: Vector) -> Vector {
  // φ(x) = 2^(−x²/(2 ln 2)) / √(2π)
  let density = powerOfHalf(x * x * 0.721_347_520) * 0.398_942_280
  return multiplyAdd(x, density, normalDistribution(x))
}
