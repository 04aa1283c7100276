/// Several quantities measured on the same items, such as samples: [item][quantity], so that their means over a resample read
/// every drawn item once and at one place.
package struct RowTable: Sendable {
  /// The number of quantities.
  package let width: Int
  /// Four quantities at a time: [item][quantity / 4]. What the last four have too many is 0.
  private let values: [SIMD4<Double>]
  private let stride: Int

  /// Sums over items, which further items can be added to.
  package struct Sums: Sendable {
    fileprivate var values: [SIMD4<Double>]
    fileprivate let width: Int
    /// The number of items.
    package fileprivate(set) var count = 0

    /// One mean for each quantity; 0 without items.
    package var means: [Double] {
      let size = Double(max(count, 1))
      return (0..<width).map { values[$0 / 4][$0 % 4] / size }
    }
  }

  private let items: Int

  /// - Parameter quantities: [quantity][item]
  /// - Precondition: all have the same number of items.
  package init(_ quantities: [[Double]]) {
    width = quantities.count
    stride = (width + 3) / 4
    let items = quantities.first?.count ?? 0
    self.items = items
    precondition(quantities.allSatisfy { $0.count == items }, "quantities of different numbers of items")
    var values = [SIMD4<Double>](repeating: .zero, count: items * stride)
    for (place, quantity) in quantities.enumerated() {
      for item in 0..<items { values[item * stride + place / 4][place % 4] = quantity[item] }
    }
    self.values = values
  }

  /// The sums over items, added in the order in which they are listed.
  ///
  /// - Parameters:
  ///   - items: indices; an item counts as often as it is listed.
  ///   - offset: is added to every index.
  ///   - begun: the sums to which they are added; nil for zeros.
  package func sums(over items: [Int], offset: Int = 0, addedTo begun: Sums? = nil) -> Sums {
    var sums = begun ?? Sums(values: Array(repeating: .zero, count: stride), width: width)
    sums.count += items.count
    guard width > 0 else { return sums }
    sums.values.withUnsafeMutableBufferPointer { sums in
      values.withUnsafeBufferPointer { values in
        for item in items {
          precondition((0..<self.items).contains(item + offset), "no such item")
          let first = (item + offset) * stride
          for place in 0..<stride { sums[place] += values[first + place] }
        }
      }
    }
    return sums
  }
}
