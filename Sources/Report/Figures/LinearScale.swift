import Foundation

/// A linear scale from values to points of the page.
struct LinearScale {
  let values: ClosedRange<Double>
  let start: Double
  let end: Double

  /// - Parameter values: the range to show. A range of a single value is widened a little.
  init(_ values: ClosedRange<Double>, from start: Double, to end: Double) {
    let isPoint = values.lowerBound == values.upperBound
    self.values = isPoint ? (values.lowerBound - 0.5)...(values.upperBound + 0.5) : values
    self.start = start
    self.end = end
  }

  /// The place of a value. A value outside the scale is drawn at its end.
  func callAsFunction(_ value: Double) -> Double {
    let inside = min(max(value, values.lowerBound), values.upperBound)
    return start + (inside - values.lowerBound) / (values.upperBound - values.lowerBound) * (end - start)
  }

  /// About four to eight round values at equal distances: steps of 1, 2 or 5 times a power of ten.
  var ticks: [Double] {
    let span = values.upperBound - values.lowerBound
    let power = pow(10, (log10(span / 5)).rounded(.down))
    // Records may hold any number, and some distances have no steps.
    guard span.isFinite, power > 0 else { return [] }
    let step = [1, 2, 5, 10].map { $0 * power }.first { span / $0 <= 7 } ?? 10 * power
    let first = Int((values.lowerBound / step - 1e-9).rounded(.up))
    let last = Int((values.upperBound / step + 1e-9).rounded(.down))
    return (first...max(first, last)).map { Double($0) * step }
  }

  /// A tick's number, with a true minus sign.
  static func text(_ value: Double) -> String {
    let rounded = (value * 1e6).rounded() / 1e6
    return rounded == 0 ? "0" : String(format: "%g", rounded).replacing("-", with: "−")
  }
}
