/// Bootstrap resamples of a number of items: drawn once, they serve every sample of that size.
package struct Resamples: Sendable {
  /// The number of items, and of items in each resample.
  package let count: Int
  /// The number of resamples.
  package let resamples: Int
  /// The items of four resamples at a time: [four resamples][place]. The last four are filled up with item 0.
  private let items: [SIMD4<UInt32>]

  /// - Precondition: `count` is positive and below 2³².
  package init(count: Int, resamples: Int, using generator: inout some RandomNumberGenerator) {
    self.count = count
    self.resamples = resamples
    var items = [SIMD4<UInt32>](repeating: .zero, count: (resamples + 3) / 4 * count)
    for resample in 0..<resamples {
      let begin = resample / 4 * count
      for place in 0..<count {
        items[begin + place][resample % 4] = UInt32(randomIndex(below: count) { generator.next() })
      }
    }
    self.items = items
  }

  /// The bytes that the resamples take.
  package var byteCount: Int { items.count * MemoryLayout<SIMD4<UInt32>>.stride }

  /// For each resample the mean of its values, and the standard error of that mean: exactly 0 if they are all equal.
  ///
  /// - Parameter values: one for each item, all finite.
  func moments(of values: [Double]) -> [(mean: Double, error: Double)] {
    var found: [(mean: Double, error: Double)] = []
    found.reserveCapacity(items.count / count * 4)
    let size = Double(count)
    // The values of four resamples, because finding them takes longer than computing with them.
    var picked = [SIMD4<Double>](repeating: .zero, count: count)
    for begin in stride(from: 0, to: items.count, by: count) {
      var sums = SIMD4<Double>.zero
      for place in 0..<count {
        picked[place] = Self.pick(values, items[begin + place])
        sums += picked[place]
      }
      let means = sums / size
      var squares = SIMD4<Double>.zero
      for place in 0..<count {
        let distance = picked[place] - means
        squares += distance * distance
      }
      let errors = (squares / (size - 1) / size).squareRoot()
      for lane in 0..<4 {
        let first = picked[0][lane]
        let isConstant = !picked.contains { $0[lane] != first }
        found.append(isConstant ? (first, 0) : (means[lane], errors[lane]))
      }
    }
    found.removeLast(found.count - resamples)
    return found
  }

  private static func pick(_ values: [Double], _ items: SIMD4<UInt32>) -> SIMD4<Double> {
    SIMD4(values[Int(items[0])], values[Int(items[1])], values[Int(items[2])], values[Int(items[3])])
  }
}
