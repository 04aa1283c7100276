import Statistics

extension Figure {
  /// Widths in points: a column of a page of a journal by default.
  package static let columnWidth = 5.5 * 72

  /// The figure as an SVG document.
  ///
  /// - Parameter width: in points (1/72 inch). Text is of 8 points at any width.
  package func svg(width: Double = Figure.columnWidth) -> String {
    var drawing = Drawing(self, width: width)
    return drawing.document()
  }

  /// Lays out panels and legend, and draws them.
  private struct Drawing {
    let figure: Figure
    var svg: SVG
    private static let letter = 4.4

    init(_ figure: Figure, width: Double) {
      self.figure = figure
      svg = SVG(width: width)
    }

    mutating func document() -> String {
      var top = 8.0
      for line in Self.lines(figure.title, width: svg.width - 16, letter: 4.9) {
        svg.text(line, at: (8, top + 8), size: 9, isBold: true)
        top += 12
      }
      top = drawLegend(top: top + 2)
      let columns = max(1, min(figure.columns, figure.panels.count))
      let width = (svg.width - 8) / Double(columns)
      for row in stride(from: 0, to: figure.panels.count, by: columns) {
        let panels = Array(figure.panels[row..<min(row + columns, figure.panels.count)])
        let bottoms = panels.enumerated().map { place, panel in
          draw(panel, left: Double(place) * width, top: top, width: width)
        }
        top = bottoms.max() ?? top
      }
      return svg.document(
        height: top + 4, title: figure.title, description: figure.description, prefix: figure.place
      )
    }

    /// Draws the entries one after the other, or in columns if they need several lines.
    private mutating func drawLegend(top: Double) -> Double {
      guard !figure.legend.isEmpty else { return top }
      var (x, y) = (8.0, top + 6)
      let widths = figure.legend.map { 20 + Self.letter * Double($0.name.count) + 10 }
      let isOneLine = x + widths.reduce(0, +) <= svg.width - 4
      let column = widths.max() ?? 0
      for (entry, own) in zip(figure.legend, widths) {
        let width = isOneLine ? own : column
        if x > 8, x + width > svg.width - 4 { (x, y) = (8, y + 11) }
        svg.line((x, y), (x + 14, y), entry.style.colour, isDashed: entry.style.isDashed)
        svg.mark((x + 7, y), entry.style, label: "", component: nil)
        svg.text(entry.name, at: (x + 18, y + 2.8))
        x += width
      }
      return y + 12
    }

    /// Draws a panel and returns its lower end.
    private mutating func draw(_ panel: Panel, left: Double, top: Double, width: Double) -> Double {
      let yTicks = panel.y.ticks ?? Self.ticks(panel.y)
      let labels = yTicks.map { Self.letter * Double($0.label.count) }.max() ?? 0
      let frameTop = top + (panel.title.isEmpty ? 4 : 16)
      let start = left + 22 + min(labels, 0.45 * width)
      let x = LinearScale(panel.x.range, from: start, to: left + width - 4)
      let y = LinearScale(panel.y.range, from: frameTop + panel.height, to: frameTop)
      if !panel.title.isEmpty {
        svg.text(panel.title, at: ((x.start + x.end) / 2, top + 11), .middle, size: 8.5)
      }
      let bottom = drawAxes(panel, x, y, yTicks, left: left)
      let isWide = Self.cellsHoldText(panel.marks, x)
      for mark in panel.marks { draw(mark, x, y, showsText: isWide) }
      return bottom
    }

    private mutating func drawAxes(
      _ panel: Panel, _ x: LinearScale, _ y: LinearScale, _ yTicks: [Tick], left: Double
    ) -> Double {
      for tick in yTicks {
        svg.gridLine((x.start, y(tick.value)), (x.end, y(tick.value)))
        svg.text(tick.label, at: (x.start - 4, y(tick.value) + 2.8), .end)
      }
      let allTicks = panel.x.ticks ?? Self.ticks(panel.x)
      let xTicks = Self.legible(allTicks, x, isTurned: panel.x.isTurned)
      for tick in allTicks { svg.gridLine((x(tick.value), y.start), (x(tick.value), y.end)) }
      var below = y.start + 12
      let isStaggered = !panel.x.isTurned && Self.overlap(xTicks, x)
      if isStaggered { below += 9 }
      for (place, tick) in xTicks.enumerated() {
        if panel.x.isTurned {
          svg.text(tick.label, at: (x(tick.value) + 3, y.start + 6), .end, turn: -90)
        } else {
          let drop = isStaggered && place % 2 == 1 ? 20.0 : 11
          svg.text(tick.label, at: (x(tick.value), y.start + drop), .middle)
        }
      }
      if panel.x.isTurned {
        below += Self.letter * Double(xTicks.map(\.label.count).max() ?? 0) - 4
      }
      svg.line((x.start, y.start), (x.end, y.start), .ink, width: 0.8)
      svg.line((x.start, y.start), (x.start, y.end), .ink, width: 0.8)
      if !panel.x.label.isEmpty {
        svg.text(panel.x.label, at: ((x.start + x.end) / 2, below + 12), .middle)
        below += 14
      }
      if !panel.y.label.isEmpty {
        svg.text(panel.y.label, at: (left + 11, (y.start + y.end) / 2), .middle, turn: -90)
      }
      return below + 6
    }

    private mutating func draw(_ mark: Mark, _ x: LinearScale, _ y: LinearScale, showsText: Bool) {
      switch mark {
      case .point(let point, let style, let label, let component):
        svg.mark((x(point.x), y(point.y)), style, label: label, component: component)
      case .line(let points, let style):
        svg.polyline(points.map { (x($0.x), y($0.y)) }, style)
      case .interval(let interval, let place, let style, let isHorizontal):
        if isHorizontal {
          svg.line((x(interval.lower), y(place)), (x(interval.upper), y(place)), style.colour)
          if interval.lower < x.values.lowerBound {
            svg.arrow(at: (x.start, y(place)), (-1, 0), style.colour)
          }
          if interval.upper > x.values.upperBound { svg.arrow(at: (x.end, y(place)), (1, 0), style.colour) }
        } else {
          svg.line((x(place), y(interval.lower)), (x(place), y(interval.upper)), style.colour)
          if interval.lower < y.values.lowerBound { svg.arrow(at: (x(place), y.start), (0, 1), style.colour) }
          if interval.upper > y.values.upperBound { svg.arrow(at: (x(place), y.end), (0, -1), style.colour) }
        }
      case .bar(let place, let from, let to, let width, let style, let label, let component):
        let (low, high) = (min(from, to), max(from, to))
        svg.rectangle(
          x: x(place - width / 2), y: y(high), width: x(place + width / 2) - x(place - width / 2),
          height: max(0.5, y(low) - y(high)), style, label: label, component: component)
      case .rule(let value, let isHorizontal):
        if isHorizontal {
          svg.line((x.start, y(value)), (x.end, y(value)), .quiet, width: 0.8, isDashed: value != 0)
        } else {
          svg.line((x(value), y.start), (x(value), y.end), .quiet, width: 0.8, isDashed: value != 0)
        }
      case .cell(let point, let value, let text, let label, let component):
        let (left, top) = (x(point.x - 0.5), y(point.y + 0.5))
        svg.square(
          (left, top), (x(point.x + 0.5) - left, y(point.y - 0.5) - top), fill: Palette.diverging(value),
          showsText ? text : "", label: label, component: component)
      case .text(let point, let text): svg.text(text, at: (x(point.x), y(point.y)), .middle, size: 7.5)
      }
    }

    private static func ticks(_ axis: Axis) -> [Tick] {
      LinearScale(axis.range, from: 0, to: 1).ticks.map { Tick(value: $0, label: LinearScale.text($0)) }
    }

    /// Whether the longest text of all cells fits into one; otherwise a reader finds the numbers by pointing.
    private static func cellsHoldText(_ marks: [Mark], _ x: LinearScale) -> Bool {
      let longest =
        marks.map { mark in
          if case .cell(_, _, let text, _, _) = mark { text.count } else { 0 }
        }.max() ?? 0
      return SVG.cellLetter * Double(longest) + 2 <= abs(x(1) - x(0))
    }

    /// Every tick, or every second, third, … if there is no room for the names of all: turned names stand side by side, others on two lines.
    private static func legible(_ ticks: [Tick], _ scale: LinearScale, isTurned: Bool) -> [Tick] {
      guard ticks.count > 2 else { return ticks }
      let room = abs(scale(ticks[1].value) - scale(ticks[0].value))
      let longest = ticks.map(\.label.count).max() ?? 0
      let needed = isTurned ? 8 : (letter * Double(longest) + 3) / 2
      let step = max(1, Int((needed / max(room, 0.1)).rounded(.up)))
      // The last name stays, in the place of those next to it.
      return stride(from: (ticks.count - 1) % step, to: ticks.count, by: step).map { ticks[$0] }
    }

    /// Whether the names of neighbouring ticks would touch.
    private static func overlap(_ ticks: [Tick], _ scale: LinearScale) -> Bool {
      zip(ticks, ticks.dropFirst()).contains { one, other in
        letter * Double(one.label.count + other.label.count) / 2 + 3
          > abs(scale(other.value) - scale(one.value))
      }
    }

    /// Words in lines of at most this width.
    private static func lines(_ text: String, width: Double, letter: Double) -> [String] {
      text.split(separator: " ").reduce(into: [String]()) { lines, word in
        if let last = lines.last, letter * Double(last.count + 1 + word.count) <= width {
          lines[lines.count - 1] = "\(last) \(word)"
        } else {
          lines.append(String(word))
        }
      }
    }
  }
}
