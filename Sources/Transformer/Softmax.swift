import Foundation

/// A softmax over a row of logits, in double precision on the host.
enum Softmax {
  fileprivate typealias Vector = SIMD4<Double>

  /// ln Σ exp(logit); not a number if a logit is not.
  static func logSum(_ logits: ArraySlice<Float>) -> Double {
    let largest = logits.reduce(-Double.infinity) { max($0, Double($1)) }
    var sums = Vector.zero
    forEachVector(logits) { _, _, vector in sums += exponential(vector - largest) }
    return largest + log(sums.sum())
  }

  /// exp(logit − logSum) for each logit.
  static func probabilities(_ logits: ArraySlice<Float>, logSum: Double) -> [Double] {
    [Double](unsafeUninitializedCapacity: logits.count) { values, count in
      forEachVector(logits) { first, lanes, vector in
        let vector = exponential(vector - logSum)
        for lane in 0..<lanes { values.initializeElement(at: first + lane, to: vector[lane]) }
      }
      count = logits.count
    }
  }

  /// Calls a function with the index of each vector's first value, the number of its values, and the vector, which is filled up
  /// with −∞.
  @inline(__always) private static func forEachVector(
    _ values: ArraySlice<Float>, _ use: (_ first: Int, _ count: Int, Vector) -> Void
  ) {
    values.withUnsafeBufferPointer { values in
      let width = Vector.scalarCount
      var first = 0
      while first + width <= values.count {
        use(
          first, width,
          Vector(
            SIMD4(values[first], values[first + 1], values[first + 2], values[first + 3])))
        first += width
      }
      guard first < values.count else { return }
      var last = Vector(repeating: -.infinity)
      for index in first..<values.count { last[index - first] = Double(values[index]) }
      use(first, values.count - first, last)
    }
  }

  /// e^x for x ≤ 0, to two units in the last place: `2^n · e^r` with `n = round(x / ln 2)` and the Taylor series of e^r, whose
  /// remainder is below 1e-17. Below −707, near the smallest normal number (e^−708.4), it is 0. Not a number stays so.
  @inline(__always) static func exponential(_ x: SIMD4<Double>) -> SIMD4<Double> {
    let vanishes = x .< -707
    let x = x.replacing(with: -707, where: vanishes)
    // Adding 1.5 · 2^52 rounds to a whole number, which is then in the lowest bits.
    let shifter = Vector(repeating: 0x1.8p52)
    let shifted = x * 1.4426950408889634 + shifter
    let n = shifted - shifter
    // ln 2 in two parts, so that n · ln 2 is exact enough.
    let r = (x - n * 0x1.62e42feep-1) - n * 0x1.a39ef35793c76p-33
    var series = 1.6059043836821613e-10 * r + 2.08767569878681e-09
    series = series * r + 2.505210838544172e-08
    series = series * r + 2.755731922398589e-07
    series = series * r + 2.7557319223985893e-06
    series = series * r + 2.48015873015873e-05
    series = series * r + 0.0001984126984126984
    series = series * r + 0.001388888888888889
    series = series * r + 0.008333333333333333
    series = series * r + 0.041666666666666664
    series = series * r + 0.16666666666666666
    series = series * r + 0.5
    series = series * r + 1
    series = series * r + 1
    let one = SIMD4(repeating: 1.0.bitPattern)
    let bits = unsafeBitCast(shifted, to: SIMD4<UInt64>.self) &<< 52 &+ one
    return (series * unsafeBitCast(bits, to: Vector.self)).replacing(with: 0, where: vanishes)
  }
}
