/// The areas of the benchmark MIB (arXiv:2504.13151) from a curve of faithfulness: trapezoids between its sizes, as shares of all
/// components, of which it keeps the whole number below. Ours use every number of components.
struct BenchmarkAreas {
  static let sizes = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1]

  /// The area under the curve, and that between the curve and 1.
  let cpr: Double
  let cmd: Double

  /// - Parameter curve: for k = 0…K components.
  init?(_ curve: [Double]) {
    guard curve.count > 1 else { return nil }
    let kept = Self.sizes.map { curve[Int(Double(curve.count - 1) * $0)] }
    func area(_ values: [Double]) -> Double {
      var sum = 0.0
      for (place, size) in Self.sizes.enumerated().dropFirst() {
        sum += (size - Self.sizes[place - 1]) * (values[place] + values[place - 1]) / 2
      }
      return sum
    }
    cpr = area(kept)
    cmd = area(kept.map { abs(1 - $0) })
  }
}
