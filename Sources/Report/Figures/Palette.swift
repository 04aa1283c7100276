/// The colours of figures, by number of the series. Each has a contrast of at least 3 : 1 with white; the page replaces them by lighter
/// ones on a dark ground. They follow the colour-blind-safe palette of M. Okabe and K. Ito, "Color Universal Design" (2008), of which two
/// are darkened.
enum Palette {
  static let series = ["#0072b2", "#d55e00", "#00805f", "#b1478a", "#946300", "#3d6ee0"]
  static let ink = "#1a1a1a"
  static let quiet = "#6f6f6f"
  static let grid = "#dddddd"
  static let ground = "#ffffff"

  /// From blue (−1) through white (0) to red (1); dark text is legible on all of it.
  static func diverging(_ value: Double) -> String {
    let end: [Double] = value < 0 ? [86, 160, 220] : [240, 128, 92]
    let share = value.isFinite ? min(abs(value), 1) : 0
    return "#"
      + end.map { colour in
        let byte = Int((255 + (colour - 255) * share).rounded())
        return (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }.joined()
  }

  static func hexadecimal(_ colour: Figure.Colour) -> String {
    switch colour {
    case .ink: ink
    case .quiet: quiet
    case .series(let number): series[number]
    }
  }

  /// The class by which the style sheet of the page sets the colour.
  static func name(_ colour: Figure.Colour) -> String {
    switch colour {
    case .ink: "ink"
    case .quiet: "quiet"
    case .series(let number): "c\(number)"
    }
  }
}
