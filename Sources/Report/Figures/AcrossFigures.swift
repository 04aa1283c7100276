import Statistics

/// Mean rho with its interval against the number of layers, one colour for each task; `nil` unless some
/// studies differ only in layers.
func depthFigure(_ across: AcrossStudies) -> SVG? {
  let curves = RhoCurve.all(across, along: "layers")
  let depths = curves.flatMap(\.points).compactMap { point -> Double? in
    if case .number(let layers) = point.value { layers } else { nil }
  }
  guard let first = depths.min(), let last = depths.max() else { return nil }
  var plot = Plot(
    title: "\(RhoCurve.title), by depth", width: 760, right: 220, x: (first - 1)...(last + 1), y: -1...1)
  plot.drawX("layers (hollow: fewer than six seeds)", ticks: Set(depths).sorted())
  plot.drawY("mean rho")
  RhoCurve.draw(curves, in: &plot, isOrdered: true) { value in
    if case .number(let layers) = value { layers } else { nil }
  }
  return plot.svg
}

/// The same by kind of positions, which have no order, so the points are not joined; `nil` unless some
/// studies differ only in positions.
func positionsFigure(_ across: AcrossStudies) -> SVG? {
  let known = ["none", "learned", "rotary"].map(Setting.text)
  return settingFigure(across, along: "positions", isOrdered: false) { found in
    known.filter(found.contains) + found.subtracting(known).sorted()
  }
}

/// The keys with numbers in which studies differ, except the number of layers, which has its own figure.
func numericKeys(_ across: AcrossStudies) -> [String] {
  across.settings.filter { key in
    key != "layers"
      && across.rows.contains { row in if case .number? = row.settings[key] { true } else { false } }
  }
}

/// The same by the value of any setting, the values evenly spaced; `nil` unless some studies differ in it alone.
///
/// - Parameter order: the values from left to right.
func settingFigure(
  _ across: AcrossStudies, along key: String, isOrdered: Bool = true,
  _ order: (Set<Setting>) -> [Setting] = { $0.sorted() }
) -> SVG? {
  let curves = RhoCurve.all(across, along: key)
  guard !curves.isEmpty else { return nil }
  let values = order(Set(curves.flatMap(\.points).map(\.value)))
  let title = key.replacing("_", with: " ")
  var plot = Plot(
    title: "\(RhoCurve.title), by \(title)", width: 760, right: 220, x: -0.5...(Double(values.count) - 0.5),
    y: -1...1)
  plot.drawX("\(title) (hollow: fewer than six seeds)", ticks: [])
  plot.drawY("mean rho")
  for (place, value) in values.enumerated() {
    plot.svg.text(value.description, at: (plot.x(Double(place)), plot.y.start + 16), .middle, size: 11)
  }
  RhoCurve.draw(curves, in: &plot, isOrdered: isOrdered) { values.firstIndex(of: $0).map(Double.init) }
  return plot.svg
}

/// The mean rhos of one curve of studies, for the published gradient score with mean ablation.
private struct RhoCurve {
  var name: String
  var points: [(value: Setting, rho: SeedMean, mean: Double)]

  static let title = "Rho of the published gradient score with mean ablation"

  static func all(_ across: AcrossStudies, along key: String) -> [RhoCurve] {
    AcrossCurve.all(across.rows, along: key, across.settings).compactMap { curve in
      let points = curve.points.compactMap { value, row -> (value: Setting, rho: SeedMean, mean: Double)? in
        guard let rho = across.rows[row].rho(.meanAblation)?.mean, let mean = rho.mean else { return nil }
        return (value, rho, mean)
      }
      return points.isEmpty ? nil : RhoCurve(name: curve.name, points: points)
    }
  }

  /// - Parameter place: maps a value to its place on the x axis.
  static func draw(
    _ curves: [RhoCurve], in plot: inout Plot, isOrdered: Bool, _ place: (Setting) -> Double?
  ) {
    plot.svg.line((plot.x.start, plot.y(0)), (plot.x.end, plot.y(0)), Palette.axis)
    for (number, curve) in curves.enumerated() {
      let colour = Palette.colour(number)
      // The intervals of several curves at one place are drawn side by side.
      let shift = 7 * (Double(number) - Double(curves.count - 1) / 2)
      let points = curve.points.compactMap { point in
        place(point.value).map { (x: plot.x($0) + shift, rho: point.rho, mean: point.mean) }
      }
      if isOrdered { plot.svg.polyline(points.map { ($0.x, plot.y($0.mean)) }, colour) }
      for point in points {
        plot.vertical(point.rho.interval, at: point.x, colour)
        plot.svg.circle(
          (point.x, plot.y(point.mean)), radius: 3.4, colour,
          filled: point.rho.count >= SignFlipResult.fewestSeedsForAClaim)
      }
    }
    plot.legend(curves.enumerated().map { ($0.element.name, Palette.colour($0.offset)) })
  }
}
