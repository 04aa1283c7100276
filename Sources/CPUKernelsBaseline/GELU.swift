/// The exact GELU, `x·Φ(x)` with Φ the normal distribution function (Hendrycks & Gimpel 2016), and its
/// derivative `Φ(x) + x·φ(x)`. The OpenCL kernels use the same fits.
///
/// Two vectors go side by side: a polynomial is a chain of multiply-adds that each wait for the one before, and a core
/// looks no further ahead than about one such chain.
typealias TwoVectors = (Vector, Vector)

@inline(always)
func two(_ x: Float) -> TwoVectors { (Vector(repeating: x), Vector(repeating: x)) }

@inline(always)
func multiply(_ a: TwoVectors, _ b: TwoVectors) -> TwoVectors { (a.0 * b.0, a.1 * b.1) }

@inline(always)
private func multiplyAdd(_ a: TwoVectors, _ b: TwoVectors, _ c: TwoVectors) -> TwoVectors {
  (multiplyAdd(a.0, b.0, c.0), multiplyAdd(a.1, b.1, c.1))
}

/// 2⁻ˢ for s ≥ 0, within 1e-7; below 2⁻¹²⁶ it stays there. The whole part goes into the exponent bits, the
/// rest, in −1/2 … 1/2, into a minimax polynomial.
@inline(always)
private func powerOfHalf(_ s: TwoVectors) -> TwoVectors {
  let bounded = (s.0.replacing(with: 126, where: s.0 .> 126), s.1.replacing(with: 126, where: s.1 .> 126))
  // Adding 1.5·2²³ leaves the nearest integer in the low bits.
  let shifter = Vector(repeating: 12_582_912)
  let shifted = (bounded.0 + shifter, bounded.1 + shifter)
  let rest = ((shifted.0 - shifter) - bounded.0, (shifted.1 - shifter) - bounded.1)
  var r = two(1.535_336_20e-04)
  r = multiplyAdd(r, rest, two(1.339_887_50e-03))
  r = multiplyAdd(r, rest, two(9.618_436_92e-03))
  r = multiplyAdd(r, rest, two(5.550_332_37e-02))
  r = multiplyAdd(r, rest, two(2.402_264_77e-01))
  r = multiplyAdd(r, rest, two(6.931_471_82e-01))
  r = multiplyAdd(r, rest, two(1))
  return (timesPower(r.0, shifted.0), timesPower(r.1, shifted.1))
}

/// `r·2⁻ⁿ`, n in the low bits of `shifted`.
@inline(always)
private func timesPower(_ r: Vector, _ shifted: Vector) -> Vector {
  let exponent = unsafeBitCast(shifted, to: SIMD16<Int32>.self) &<< 23
  return unsafeBitCast(unsafeBitCast(r, to: SIMD16<Int32>.self) &- exponent, to: Vector.self)
}

@inline(always)
private func magnitude(_ x: Vector) -> Vector { x.replacing(with: 0 - x, where: x .< 0) }

/// Φ within 1e-7, and with a relative error below 1 % in the lower tail: Φ(−t) = 2^−S(t), S a weighted minimax fit
/// to −log₂ Φ(−t) on 0 … 6.5, the error weighted with t·Φ(−t), which is what reaches the GELU.
@inline(always)
private func normalDistribution(_ x: TwoVectors) -> TwoVectors {
  let t = (magnitude(x.0), magnitude(x.1))
  var s = two(2.334_914_60e-06)
  s = multiplyAdd(s, t, two(-3.373_744_04e-05))
  s = multiplyAdd(s, t, two(1.612_922_06e-04))
  s = multiplyAdd(s, t, two(1.917_070_77e-04))
  s = multiplyAdd(s, t, two(-7.126_869_17e-03))
  s = multiplyAdd(s, t, two(5.253_361_54e-02))
  s = multiplyAdd(s, t, two(4.591_982_66e-01))
  s = multiplyAdd(s, t, two(1.151_106_00))
  s = multiplyAdd(s, t, two(1))
  let tail = powerOfHalf(s)
  return (
    tail.0.replacing(with: 1 - tail.0, where: x.0 .>= 0), tail.1.replacing(with: 1 - tail.1, where: x.1 .>= 0)
  )
}

@inline(always)
func gelu(_ x: TwoVectors) -> TwoVectors { multiply(x, normalDistribution(x)) }

@inline(always)
func geluDerivative(_ x: TwoVectors) -> TwoVectors {
  // φ(x) = 2^(−x²/(2 ln 2)) / √(2π)
  let density = multiply(powerOfHalf(multiply(multiply(x, x), two(0.721_347_520))), two(0.398_942_280))
  return multiplyAdd(x, density, normalDistribution(x))
}
