/// The areas of the benchmark MIB (arXiv:2504.13151) from faithfulness at its sizes, which are shares of all components or of all
/// edges: trapezoids between the sizes.
package struct BenchmarkAreas: Equatable, Sendable {
  package static let sizes = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1]

  /// The area under the curve, and that between the curve and 1.
  package let cpr: Double
  package let cmd: Double

  /// The number that a size keeps of a total: the whole number below.
  package static func kept(_ size: Double, of total: Int) -> Int { Int(Double(total) * size) }

  /// - Parameter curve: the faithfulness of the best k = 0…K components; nil for fewer than two points.
  package init?(curve: [Double]) {
    guard curve.count > 1 else { return nil }
    self.init(atSizes: Self.sizes.map { curve[Self.kept($0, of: curve.count - 1)] })
  }

  /// - Parameter kept: the faithfulness at each of MIB's sizes.
  package init(atSizes kept: [Double]) {
    func area(_ values: [Double]) -> Double {
      var sum = 0.0
      for place in values.indices.dropFirst() {
        sum += (Self.sizes[place] - Self.sizes[place - 1]) * (values[place] + values[place - 1]) / 2
      }
      return sum
    }
    cpr = area(kept)
    cmd = area(kept.map { abs(1 - $0) })
  }
}
