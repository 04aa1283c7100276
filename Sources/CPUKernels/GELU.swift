// The exact GELU, `x·Φ(x)`, where Φ is the normal distribution function (Hendrycks & Gimpel 2016), and its
// derivative `Φ(x) + x·φ(x)`. The OpenCL kernels use the same fits.
//
// With t = |x|, the tail Φ(−t) and D(t) = t·φ(t) − Φ(−t), the GELU is `max(x, 0) − t·Φ(−t)`, and its
// derivative is `1 + D(t)` for x ≥ 0 and `−D(t)` for x < 0.
//
// Four vectors are processed in parallel. A polynomial is a chain of multiply-adds, each of which waits four
// cycles for the one before, and a core does not look much further ahead than one such chain. Signs and
// bounds are computed with integers, because Swift's inliner counts a comparison as one branch per lane and
// gives up when a function has too many branches.

/// GELU(x), lane by lane.
@inline(always)
func gelu(_ x: FourVectors) -> FourVectors {
  let t = (magnitude(x.0), magnitude(x.1), magnitude(x.2), magnitude(x.3))
  let tail = normalTail(t)
  return (gelu(x.0, t.0, tail.0), gelu(x.1, t.1, tail.1), gelu(x.2, t.2, tail.2), gelu(x.3, t.3, tail.3))
}

/// Φ(x), lane by lane.
@inline(never)
func normalDistribution(_ x: Vector) -> Vector {
  let t = magnitude(x)
  let tail = normalTail((t, t, t, t)).0
  return tail.replacing(with: 1 - tail, where: x .>= 0)
}

@inline(always)
private func gelu(_ x: Vector, _ t: Vector, _ tail: Vector) -> Vector {
  multiplyAdd(0 - t, tail, (x + t) * 0.5)
}

/// GELU′(x), lane by lane.
@inline(always)
func geluDerivative(_ x: FourVectors) -> FourVectors {
  // Beyond 13 the result is 0 or 1, and the polynomial would overflow.
  let t = (
    atMost(13, magnitude(x.0)), atMost(13, magnitude(x.1)), atMost(13, magnitude(x.2)),
    atMost(13, magnitude(x.3))
  )
  // t² / (2 ln 2), which is below 122.
  let power = powerOfHalf(multiply(multiply(t, t), four(0.721_347_520)))
  let change = multiply(derivativeOverPower(t), power)
  return (
    derivative(x.0, change.0), derivative(x.1, change.1), derivative(x.2, change.2), derivative(x.3, change.3)
  )
}

/// 1 + D for x ≥ 0, else −D. It also restores NaN, which the bound removed.
@inline(always)
private func derivative(_ x: Vector, _ change: Vector) -> Vector {
  let one = bits(Vector(repeating: 1)) & ~(bits(x) &>> 31)
  return vector(one) + vector(bits(change) ^ (bits(x) & Int32.min)) + (x - x)
}

/// (t·φ(t) − Φ(−t)) / 2^(−t²/(2 ln 2)) = (t − M(t)) / √(2π), where M is Mills' ratio. It is a weighted
/// minimax fit on 0 … 6; weighted with the power of two, its error is 7e-8.
@inline(always)
private func derivativeOverPower(_ t: FourVectors) -> FourVectors {
  var d = four(-1.631_690_91e-06)
  d = multiplyAdd(d, t, four(3.520_780_23e-05))
  d = multiplyAdd(d, t, four(-3.397_385_59e-04))
  d = multiplyAdd(d, t, four(1.974_627_84e-03))
  d = multiplyAdd(d, t, four(-7.939_391_77e-03))
  d = multiplyAdd(d, t, four(2.431_393_04e-02))
  d = multiplyAdd(d, t, four(-6.115_488_71e-02))
  d = multiplyAdd(d, t, four(1.325_137_91e-01))
  d = multiplyAdd(d, t, four(-2.499_167_92e-01))
  d = multiplyAdd(d, t, four(7.978_788_02e-01))
  return multiplyAdd(d, t, four(-4.999_999_40e-01))
}

/// Φ(−t) for t ≥ 0 within 1e-7 and with a relative error below 1 %. Φ(−t) = 2^−S(t), where S is a weighted
/// minimax fit to −log₂ Φ(−t) on 0 … 6.5. Its error is weighted with t·Φ(−t), which is the part that enters
/// the GELU.
@inline(always)
private func normalTail(_ t: FourVectors) -> FourVectors {
  var s = four(2.334_914_60e-06)
  s = multiplyAdd(s, t, four(-3.373_744_04e-05))
  s = multiplyAdd(s, t, four(1.612_922_06e-04))
  s = multiplyAdd(s, t, four(1.917_070_77e-04))
  s = multiplyAdd(s, t, four(-7.126_869_17e-03))
  s = multiplyAdd(s, t, four(5.253_361_54e-02))
  s = multiplyAdd(s, t, four(4.591_982_66e-01))
  s = multiplyAdd(s, t, four(1.151_106_00))
  s = multiplyAdd(s, t, four(1))
  // S is bounded by 126, so the result does not fall below 2⁻¹²⁶.
  return powerOfHalf((atMost(126, s.0), atMost(126, s.1), atMost(126, s.2), atMost(126, s.3)))
}

/// 2⁻ˢ for s in 0 … 126, within 1e-7. The integer part goes into the exponent bits; the rest, in −1/2 … 1/2,
/// goes through a minimax polynomial.
@inline(always)
private func powerOfHalf(_ s: FourVectors) -> FourVectors {
  // Adding 1.5·2²³ leaves the nearest integer in the low bits.
  let shifter = Vector(repeating: 12_582_912)
  let shifted = (s.0 + shifter, s.1 + shifter, s.2 + shifter, s.3 + shifter)
  let rest = (
    (shifted.0 - shifter) - s.0, (shifted.1 - shifter) - s.1, (shifted.2 - shifter) - s.2,
    (shifted.3 - shifter) - s.3
  )
  var r = four(1.535_336_20e-04)
  r = multiplyAdd(r, rest, four(1.339_887_50e-03))
  r = multiplyAdd(r, rest, four(9.618_436_92e-03))
  r = multiplyAdd(r, rest, four(5.550_332_37e-02))
  r = multiplyAdd(r, rest, four(2.402_264_77e-01))
  r = multiplyAdd(r, rest, four(6.931_471_82e-01))
  r = multiplyAdd(r, rest, four(1))
  return (
    timesPower(r.0, shifted.0), timesPower(r.1, shifted.1), timesPower(r.2, shifted.2),
    timesPower(r.3, shifted.3)
  )
}

/// `r·2⁻ⁿ`, where n is in the low bits of `shifted`.
@inline(always)
private func timesPower(_ r: Vector, _ shifted: Vector) -> Vector {
  vector(bits(r) &- (bits(shifted) &<< 23))
}

/// The smaller of s ≥ 0 and a limit. Nonnegative floats have the same order as their bits.
@inline(always)
private func atMost(_ limit: Float, _ s: Vector) -> Vector {
  let room = bits(Vector(repeating: limit)) &- bits(s)
  return vector(bits(s) &+ (room & (room &>> 31)))
}

@inline(always)
private func magnitude(_ x: Vector) -> Vector { vector(bits(x) & Int32.max) }

@inline(always)
private func four(_ x: Float) -> FourVectors {
  (Vector(repeating: x), Vector(repeating: x), Vector(repeating: x), Vector(repeating: x))
}

@inline(always)
private func multiply(_ a: FourVectors, _ b: FourVectors) -> FourVectors {
  (a.0 * b.0, a.1 * b.1, a.2 * b.2, a.3 * b.3)
}

@inline(always)
private func multiplyAdd(_ a: FourVectors, _ b: FourVectors, _ c: FourVectors) -> FourVectors {
  (
    multiplyAdd(a.0, b.0, c.0), multiplyAdd(a.1, b.1, c.1), multiplyAdd(a.2, b.2, c.2),
    multiplyAdd(a.3, b.3, c.3)
  )
}
