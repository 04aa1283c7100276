import Foundation

/// A drawing in Scalable Vector Graphics 1.1, built element by element. Coordinates are points (1/72 inch); y points down.
///
/// Elements have their colours as attributes, so that a file is complete, and a class, so that the style sheet of a page can replace
/// them.
struct SVG {
  let width: Double
  private(set) var elements: [String] = []

  init(width: Double) { self.width = width }

  enum Anchor: String { case start, middle, end }

  mutating func line(
    _ from: (Double, Double), _ to: (Double, Double), _ colour: Figure.Colour, width: Double = 1.2,
    isDashed: Bool = false
  ) {
    elements.append(
      "<line x1=\"\(n(from.0))\" y1=\"\(n(from.1))\" x2=\"\(n(to.0))\" y2=\"\(n(to.1))\" \(stroke(colour, width, isDashed))/>"
    )
  }

  mutating func gridLine(_ from: (Double, Double), _ to: (Double, Double)) {
    elements.append(
      "<line class=\"grid\" x1=\"\(n(from.0))\" y1=\"\(n(from.1))\" x2=\"\(n(to.0))\" y2=\"\(n(to.1))\" "
        + "stroke=\"\(Palette.grid)\" stroke-width=\"0.6\"/>")
  }

  mutating func polyline(_ points: [(Double, Double)], _ style: Figure.Style) {
    let text = points.map { "\(n($0.0)),\(n($0.1))" }.joined(separator: " ")
    elements.append(
      "<polyline points=\"\(text)\" fill=\"none\" \(stroke(style.colour, 1.2, style.isDashed))/>")
  }

  mutating func rectangle(
    x: Double, y: Double, width: Double, height: Double, _ style: Figure.Style, label: String,
    component: String?
  ) {
    let shape =
      "<rect x=\"\(n(x))\" y=\"\(n(y))\" width=\"\(n(width))\" height=\"\(n(height))\" \(paint(style, 1))"
    elements.append(titled(shape, "rect", label, component))
  }

  /// The width of a letter in a cell.
  static let cellLetter = 3.75

  /// A square of a matrix with a text on it, which stays dark on a dark page.
  mutating func square(
    _ corner: (Double, Double), _ size: (Double, Double), fill: String, _ text: String, label: String,
    component: String?
  ) {
    let shape =
      "<rect x=\"\(n(corner.0))\" y=\"\(n(corner.1))\" width=\"\(n(size.0))\" height=\"\(n(size.1))\" fill=\"\(fill)\" "
      + "stroke=\"\(Palette.ground)\" stroke-width=\"0.6\""
    elements.append(titled(shape, "rect", label, component))
    guard !text.isEmpty else { return }
    let place = (corner.0 + size.0 / 2, corner.1 + size.1 / 2 + 2.7)
    elements.append(
      "<text x=\"\(n(place.0))\" y=\"\(n(place.1))\" text-anchor=\"middle\" font-size=\"7.5\" fill=\"\(Palette.ink)\" "
        + "pointer-events=\"none\">\(Markup.escaped(NumberText.typeset(text)))</text>")
  }

  /// A mark of a style's shape.
  mutating func mark(_ centre: (Double, Double), _ style: Figure.Style, label: String, component: String?) {
    let (x, y) = centre
    let r = style.isSmall ? 1.7 : 2.6
    func path(_ points: [(Double, Double)], isClosed: Bool = true) -> String {
      "M" + points.map { "\(n(x + r * $0.0)) \(n(y + r * $0.1))" }.joined(separator: "L")
        + (isClosed ? "Z" : "")
    }
    let shape =
      switch style.shape {
      case .circle: "<circle cx=\"\(n(x))\" cy=\"\(n(y))\" r=\"\(n(r))\" \(paint(style, 1))"
      case .square:
        "<path d=\"\(path([(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]))\" \(paint(style, 1))"
      case .triangle: "<path d=\"\(path([(0, -1.25), (1.15, 0.85), (-1.15, 0.85)]))\" \(paint(style, 1))"
      case .diamond: "<path d=\"\(path([(0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)]))\" \(paint(style, 1))"
      case .inverted: "<path d=\"\(path([(0, 1.25), (1.15, -0.85), (-1.15, -0.85)]))\" \(paint(style, 1))"
      case .cross:
        "<path d=\"\(path([(-1, -1), (1, 1)], isClosed: false))\(path([(-1, 1), (1, -1)], isClosed: false))\" \(stroke(style.colour, 1.2, false))"
      case .plus:
        "<path d=\"\(path([(-1.3, 0), (1.3, 0)], isClosed: false))\(path([(0, -1.3), (0, 1.3)], isClosed: false))\" \(stroke(style.colour, 1.2, false))"
      }
    elements.append(titled(shape, style.shape == .circle ? "circle" : "path", label, component))
  }

  /// An arrow head where an interval leaves the frame.
  ///
  /// - Parameter direction: a unit vector.
  mutating func arrow(at tip: (Double, Double), _ direction: (Double, Double), _ colour: Figure.Colour) {
    let back = (tip.0 - 5 * direction.0, tip.1 - 5 * direction.1)
    let side = (2.4 * direction.1, 2.4 * direction.0)
    elements.append(
      "<path d=\"M\(n(tip.0)) \(n(tip.1))L\(n(back.0 + side.0)) \(n(back.1 + side.1))L\(n(back.0 - side.0)) "
        + "\(n(back.1 - side.1))Z\" class=\"f \(Palette.name(colour)) arrow\" fill=\"\(Palette.hexadecimal(colour))\"/>"
    )
  }

  /// - Parameter turn: degrees, clockwise, about the point.
  mutating func text(
    _ text: String, at point: (Double, Double), _ anchor: Anchor = .start, size: Double = 8,
    turn: Double = 0, isBold: Bool = false
  ) {
    let transform = turn == 0 ? "" : " transform=\"rotate(\(n(turn)) \(n(point.0)) \(n(point.1)))\""
    elements.append(
      "<text class=\"t\" x=\"\(n(point.0))\" y=\"\(n(point.1))\" text-anchor=\"\(anchor.rawValue)\" "
        + "font-size=\"\(n(size))\" fill=\"\(Palette.ink)\"\(isBold ? " font-weight=\"bold\"" : "")\(transform)>"
        + "\(Markup.escaped(NumberText.typeset(text)))</text>")
  }

  /// The whole document.
  ///
  /// - Parameters:
  ///   - title: what assistive technology reads first.
  ///   - prefix: what makes the names of title and description unique in a page.
  func document(height: Double, title: String, description: String, prefix: String) -> String {
    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(n(width))pt\" height=\"\(n(height))pt\" "
      + "viewBox=\"0 0 \(n(width)) \(n(height))\" font-family=\"Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif\" "
      + "role=\"img\" aria-labelledby=\"\(prefix)-title \(prefix)-desc\">\n"
      + "<title id=\"\(prefix)-title\">\(Markup.escaped(title))</title>\n"
      + "<desc id=\"\(prefix)-desc\">\(Markup.escaped(description))</desc>\n"
      + "<rect class=\"ground\" width=\"100%\" height=\"100%\" fill=\"\(Palette.ground)\"/>\n"
      + elements.map { $0 + "\n" }.joined() + "</svg>\n"
  }

  /// Closes a shape, with a title that a browser shows under the pointer.
  private func titled(_ open: String, _ name: String, _ label: String, _ component: String?) -> String {
    let link = component.map { " data-component=\"\(Markup.escaped($0))\"" } ?? ""
    return label.isEmpty
      ? "\(open)\(link)/>"
      : "\(open)\(link)><title>\(Markup.escaped(NumberText.typeset(label)))</title></\(name)>"
  }

  private func stroke(_ colour: Figure.Colour, _ width: Double, _ isDashed: Bool) -> String {
    "class=\"s \(Palette.name(colour))\" stroke=\"\(Palette.hexadecimal(colour))\" stroke-width=\"\(n(width))\""
      + (isDashed ? " stroke-dasharray=\"4 2.5\"" : "")
  }

  private func paint(_ style: Figure.Style, _ width: Double) -> String {
    let colour = Palette.hexadecimal(style.colour)
    return style.isHollow
      ? "class=\"s h \(Palette.name(style.colour))\" stroke=\"\(colour)\" stroke-width=\"\(n(width))\" fill=\"\(Palette.ground)\""
      : "class=\"s f \(Palette.name(style.colour))\" stroke=\"\(colour)\" stroke-width=\"\(n(width))\" fill=\"\(colour)\""
  }

  /// Two decimal places are finer than a printer's dot.
  private func n(_ value: Double) -> String {
    guard value.isFinite else { return "0" }
    let rounded = (value * 100).rounded() / 100
    return rounded == rounded.rounded() ? String(format: "%.0f", rounded) : String(format: "%.2f", rounded)
  }
}

/// Text inside SVG and HTML.
enum Markup {
  /// The text with the five characters escaped that have a meaning in markup or attributes. Characters that XML forbids are left out.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\t", "\n", "\r": result.unicodeScalars.append(scalar)
      case _ where scalar.value < 0x20 || scalar.value == 0xfffe || scalar.value == 0xffff: break
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
