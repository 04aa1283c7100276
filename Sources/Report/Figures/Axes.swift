import Foundation
import Statistics

/// A linear scale from values to pixels.
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

  /// The pixel of a value. A value outside the scale is drawn at its end.
  func callAsFunction(_ value: Double) -> Double {
    let inside = min(max(value, values.lowerBound), values.upperBound)
    return start + (inside - values.lowerBound) / (values.upperBound - values.lowerBound) * (end - start)
  }

  /// About four to eight round values at equal distances: steps of 1, 2 or 5 times a power of ten.
  var ticks: [Double] {
    let span = values.upperBound - values.lowerBound
    let power = pow(10, (log10(span / 5)).rounded(.down))
    let step = [1, 2, 5, 10].map { $0 * power }.first { span / $0 <= 7 } ?? 10 * power
    let first = Int((values.lowerBound / step - 1e-9).rounded(.up))
    let last = Int((values.upperBound / step + 1e-9).rounded(.down))
    return (first...max(first, last)).map { Double($0) * step }
  }

  static func text(_ value: Double) -> String {
    let rounded = (value * 1e6).rounded() / 1e6
    return rounded == 0 ? "0" : String(format: "%g", rounded)
  }
}

/// A drawing with a title and a frame of two scales.
struct Plot {
  var svg: SVG
  let x: LinearScale
  let y: LinearScale
  /// The space for the title and the label of the y axis.
  static let top = 56.0

  /// - Parameters:
  ///   - left: the space for the labels of the y axis.
  ///   - right: the space for a legend.
  init(
    title: String, width: Double = 680, height: Double = 400, left: Double = 60, right: Double = 20,
    bottom: Double = 50, x: ClosedRange<Double>, y: ClosedRange<Double>
  ) {
    svg = SVG(width: width, height: height)
    self.x = LinearScale(x, from: left, to: width - right)
    self.y = LinearScale(y, from: height - bottom, to: Self.top)
    svg.text(title, at: (12, 22), size: 14)
  }

  mutating func drawX(_ label: String, ticks: [Double]? = nil) {
    for tick in ticks ?? x.ticks {
      svg.line((x(tick), y.start), (x(tick), y.end), Palette.grid)
      svg.text(LinearScale.text(tick), at: (x(tick), y.start + 16), .middle, size: 11)
    }
    svg.line((x.start, y.start), (x.end, y.start), Palette.axis)
    svg.text(label, at: ((x.start + x.end) / 2, y.start + 36), .middle)
  }

  mutating func drawY(_ label: String) {
    for tick in y.ticks {
      svg.line((x.start, y(tick)), (x.end, y(tick)), Palette.grid)
      svg.text(LinearScale.text(tick), at: (x.start - 6, y(tick) + 4), .end, size: 11)
    }
    svg.line((x.start, y.start), (x.start, y.end), Palette.axis)
    svg.text(label, at: (12, y.end - 12), size: 11)
  }

  /// Draws an interval along x, at a height in pixels.
  mutating func horizontal(_ interval: Interval?, at height: Double, _ colour: String) {
    guard let interval else { return }
    svg.line((x(interval.lower), height), (x(interval.upper), height), colour, width: 1.6)
  }

  /// Draws an interval along y, at a place in pixels.
  mutating func vertical(_ interval: Interval?, at place: Double, _ colour: String) {
    guard let interval else { return }
    svg.line((place, y(interval.lower)), (place, y(interval.upper)), colour, width: 1.6)
  }

  /// Draws names with their colours, to the right of the frame.
  mutating func legend(_ names: [(String, String)]) {
    for (place, (name, colour)) in names.enumerated() {
      let height = y.end + 8 + 16 * Double(place)
      svg.line((x.end + 10, height), (x.end + 26, height), colour, width: 2.5)
      svg.text(name, at: (x.end + 32, height + 4), size: 11)
    }
  }
}
