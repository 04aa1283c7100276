import Statistics

/// A figure as a value: panels with two axes each, and marks in the units of the axes. SVG is made from it.
package struct Figure: Sendable, Equatable {
  /// The name of its file without extension.
  package var name: String
  /// Its place in a page, also where a name from a record has signs that an address cannot hold.
  var place: String { Self.place(name) }
  package var title: String
  /// What is drawn, and what its marks mean: for readers who cannot see it, and the caption of the page.
  package var description: String
  var panels: [Panel]
  /// The number of panels side by side.
  var columns = 1
  var legend: [Series] = []

  static func place(_ name: String) -> String { "figure-\(identifier(name))" }

  /// The name with hyphens for all but letters, digits, `.`, `-` and `_` of ASCII, for names of files and places.
  static func identifier(_ name: String) -> String {
    String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "-" })
  }

  /// A frame with two axes.
  struct Panel: Sendable, Equatable {
    var title = ""
    var x: Axis
    var y: Axis
    var marks: [Mark]
    /// The height of the frame in points.
    var height = 190.0
  }

  struct Axis: Sendable, Equatable {
    /// The quantity with its unit.
    var label: String
    var range: ClosedRange<Double>
    /// Round values by default.
    var ticks: [Tick]?
    /// Whether the names of ticks are turned, for many long names side by side.
    var isTurned = false

    /// One tick at each whole number from 0, with a name.
    ///
    /// - Parameter places: the fewest names for which there is room.
    static func names(
      _ label: String, _ names: [String], isReversed: Bool = false, isTurned: Bool = false, places: Int = 0
    ) -> Axis {
      let count = Double(max(names.count, places))
      return Axis(
        label: label, range: isReversed ? -(count - 0.5)...0.5 : -0.5...(count - 0.5),
        ticks: names.enumerated().map { Tick(value: isReversed ? -Double($0) : Double($0), label: $1) },
        isTurned: isTurned)
    }
  }

  struct Tick: Sendable, Equatable {
    var value: Double
    var label: String
  }

  struct Point: Sendable, Equatable {
    var x, y: Double
  }

  /// One entry of a legend.
  struct Series: Sendable, Equatable {
    var name: String
    var style: Style
  }

  enum Mark: Sendable, Equatable {
    /// - Parameter component: its name if the point stands for a component, so that the page can link it.
    case point(Point, Style, label: String = "", component: String? = nil)
    case line([Point], Style)
    /// An interval at a place of the other axis. Ends outside the frame are marked by arrows.
    case interval(Interval, at: Double, Style, isHorizontal: Bool = false)
    /// A bar along y, from one value to another.
    case bar(
      at: Double, from: Double, to: Double, width: Double, Style, label: String = "", component: String? = nil
    )
    /// A line through the whole frame, for a value to compare with.
    case rule(Double, isHorizontal: Bool = true)
    case text(Point, String)
    /// A square of a matrix, one unit wide and high, coloured by a value from −1 (blue) through 0 (white) to 1 (red).
    case cell(Point, Double, text: String, label: String, component: String?)
  }

  /// How a series is drawn. Colour, shape and dashes differ together, so that no series is told from another by colour alone.
  struct Style: Sendable, Equatable {
    var colour: Colour
    var shape = Shape.circle
    var isDashed = false
    var isHollow = false
    var isSmall = false

    /// The style of one of several series.
    static func series(_ number: Int) -> Style {
      Style(
        colour: .series(number % Palette.series.count), shape: Shape.allCases[number % Shape.allCases.count],
        isDashed: number / Palette.series.count % 2 == 1)
    }

    static let ink = Style(colour: .ink)
    static let quiet = Style(colour: .quiet)
    static let paper = Style(colour: .quiet, shape: .cross)

    /// One seed among the marks of a mean.
    static let seed = Style(colour: .ink, isHollow: true, isSmall: true)

    func hollow(_ isHollow: Bool) -> Style {
      var style = self
      style.isHollow = isHollow
      return style
    }
  }

  enum Colour: Sendable, Equatable {
    case ink, quiet
    case series(Int)
  }

  enum Shape: Sendable, CaseIterable { case circle, square, triangle, diamond, inverted, cross, plus }
}

extension Figure.Style {
  /// Hollow for a mean of fewer seeds than a claim needs.
  func of(_ mean: SeedMean) -> Figure.Style { hollow(mean.count < SignFlipResult.fewestSeedsForAClaim) }

  static let hollowMeaning = "Hollow: fewer than six seeds, so nothing is claimed."
}

extension Figure.Axis {
  /// A range that shows all values and, with `including`, these too; a twentieth of it is free at both ends.
  static func range(of values: [Double], including: [Double] = [], margin: Double = 0.05) -> ClosedRange<
    Double
  >? {
    let all = (values + including).filter(\.isFinite)
    guard let low = all.min(), let high = all.max() else { return nil }
    let margin = max(high - low, 1e-9) * margin
    return (low - margin)...(high + margin)
  }

  /// The range of rhos: from 0 or the lowest interval's end to 1.
  static func rhos(_ label: String, _ means: [SeedMean]) -> Figure.Axis {
    let lowest = means.flatMap { [$0.mean, $0.interval?.lower].compactMap(\.self) }.min() ?? 0
    return Figure.Axis(label: label, range: max(-1, min(-0.05, lowest - 0.05))...1.05)
  }
}
