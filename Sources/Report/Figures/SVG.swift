import Foundation

/// A drawing in Scalable Vector Graphics 1.1, built element by element. Coordinates are pixels; y points
/// down.
struct SVG {
  let width: Double
  let height: Double
  private var elements: [String] = []

  init(width: Double, height: Double) {
    self.width = width
    self.height = height
  }

  enum Anchor: String { case start, middle, end }

  mutating func line(_ from: (Double, Double), _ to: (Double, Double), _ colour: String, width: Double = 1) {
    elements.append(
      "<line x1=\"\(n(from.0))\" y1=\"\(n(from.1))\" x2=\"\(n(to.0))\" y2=\"\(n(to.1))\" stroke=\"\(colour)\" "
        + "stroke-width=\"\(n(width))\"/>")
  }

  mutating func polyline(_ points: [(Double, Double)], _ colour: String, dashed: Bool = false) {
    let text = points.map { "\(n($0.0)),\(n($0.1))" }.joined(separator: " ")
    let dash = dashed ? " stroke-dasharray=\"5 3\"" : ""
    elements.append(
      "<polyline points=\"\(text)\" fill=\"none\" stroke=\"\(colour)\" stroke-width=\"1.8\"\(dash)/>")
  }

  mutating func circle(_ centre: (Double, Double), radius: Double, _ colour: String, filled: Bool = true) {
    elements.append(
      "<circle cx=\"\(n(centre.0))\" cy=\"\(n(centre.1))\" r=\"\(n(radius))\" stroke=\"\(colour)\" "
        + "fill=\"\(filled ? colour : "white")\"/>")
  }

  mutating func rectangle(x: Double, y: Double, width: Double, height: Double, _ colour: String) {
    elements.append(
      "<rect x=\"\(n(x))\" y=\"\(n(y))\" width=\"\(n(width))\" height=\"\(n(height))\" fill=\"\(colour)\"/>")
  }

  mutating func text(
    _ text: String, at point: (Double, Double), _ anchor: Anchor = .start, size: Double = 12,
    colour: String = "#222222"
  ) {
    elements.append(
      "<text x=\"\(n(point.0))\" y=\"\(n(point.1))\" text-anchor=\"\(anchor.rawValue)\" "
        + "font-size=\"\(n(size))\" fill=\"\(colour)\">\(Self.escaped(text))</text>")
  }

  /// The whole document.
  var document: String {
    let size = "width=\"\(n(width))\" height=\"\(n(height))\" viewBox=\"0 0 \(n(width)) \(n(height))\""
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" \(size) font-family=\"sans-serif\">\n"
      + "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
      + elements.map { $0 + "\n" }.joined() + "</svg>\n"
  }

  static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }

  /// Two decimal places are finer than a pixel.
  private func n(_ value: Double) -> String {
    let rounded = (value * 100).rounded() / 100
    return rounded == rounded.rounded() ? String(format: "%.0f", rounded) : String(format: "%.2f", rounded)
  }
}

/// Colours for up to nine series. The first six are from the colour-blind-safe palette of M. Okabe and K. Ito,
/// "Color Universal Design" (2008).
enum Palette {
  static let colours = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8b6914", "#6a3d9a", "#4d4d4d",
  ]
  static let grid = "#dddddd"
  static let axis = "#444444"
  static let quiet = "#888888"

  static func colour(_ place: Int) -> String { colours[place % colours.count] }
}
