import Foundation

/// Standard normal values as PyTorch's `normal_` draws them on the CPU.
extension MersenneTwister {
  /// `count` values of N(0, 1), equal to PyTorch's up to a few 10⁻⁷ (its vectorised logarithm and cosine
  /// round differently).
  ///
  /// For 16 values or more, the whole array is first filled with uniform values; then each aligned block of
  /// 16 is transformed by Box–Muller. If `count` is not a multiple of 16, the last 16 places are filled and
  /// transformed again. Fewer than 16 values are drawn in pairs, from two double-precision uniforms each. If
  /// their number is odd, the second value of the last pair stays in the generator for the next such call.
  package mutating func normal(count: Int) -> [Float] {
    guard count > 0 else { return [] }
    guard count >= 16 else { return (0..<count).map { _ in Float(scalarNormal()) } }
    var values = (0..<count).map { _ in uniform() }
    for start in stride(from: 0, through: count - 16, by: 16) {
      Self.boxMuller16(&values, at: start)
    }
    if count % 16 != 0 {
      for position in (count - 16)..<count { values[position] = uniform() }
      Self.boxMuller16(&values, at: count - 16)
    }
    return values
  }

  /// Transforms 16 uniforms into 16 normals: for i < 8, u1 = 1 − a[i], u2 = a[i + 8], r = √(−2 ln u1), θ =
  /// 2π·u2, a[i] = r cos θ, a[i + 8] = r sin θ.
  private static func boxMuller16(_ values: inout [Float], at start: Int) {
    // Rounded to nearest, as in C; `Float.pi` is rounded towards zero.
    let twoPi = Float(2 * Double.pi)
    for position in start..<(start + 8) {
      let radius = (-2 * log(1 - values[position])).squareRoot()
      let angle = twoPi * values[position + 8]
      values[position] = radius * cos(angle)
      values[position + 8] = radius * sin(angle)
    }
  }

  private mutating func scalarNormal() -> Double {
    if let spare = spareNormal {
      spareNormal = nil
      return spare
    }
    let u1 = uniformDouble()
    let u2 = uniformDouble()
    let radius = (-2 * log1p(-u2)).squareRoot()
    let angle = 2 * Double.pi * u1
    spareNormal = radius * sin(angle)
    return radius * cos(angle)
  }
}
