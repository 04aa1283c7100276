import Statistics

/// Mean rho with its interval against the number of layers, one series for each task; `nil` unless some
/// studies differ only in layers.
func depthFigure(_ across: AcrossStudies) -> Figure? { settingFigure(across, along: "layers", name: "depth") }

/// The same by kind of positions, which have no order, so the points are not joined; `nil` unless some
/// studies differ only in positions.
func positionsFigure(_ across: AcrossStudies) -> Figure? {
  let known = ["none", "learned", "rotary"].map(Setting.text)
  return settingFigure(across, along: "positions", name: "positions", isOrdered: false) { found in
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

/// Mean rho by the value of any setting, the values evenly spaced; `nil` unless some studies differ in it alone. A value at which a curve
/// has no rho is marked as such.
///
/// - Parameter order: the values from left to right.
func settingFigure(
  _ across: AcrossStudies, along key: String, name: String? = nil, isOrdered: Bool = true,
  _ order: (Set<Setting>) -> [Setting] = { $0.sorted() }
) -> Figure? {
  let curves = AcrossCurve.all(across.rows, along: key, across.settings)
  let means = curves.flatMap(\.points).compactMap { across.rows[$0.row].rho(.meanAblation)?.mean }
  let values = order(Set(curves.flatMap(\.points).map(\.value)))
  let axis = Figure.Axis.rhos("mean rho", means)
  guard means.contains(where: { $0.mean != nil }) else { return nil }
  var marks: [Figure.Mark] = [.rule(0)]
  for (number, curve) in curves.enumerated() {
    let shift = 0.08 * (Double(number) - Double(curves.count - 1) / 2)
    let points = curve.points.compactMap { value, row in
      values.firstIndex(of: value).map { place in
        (x: Double(place) + shift, value: value, row: across.rows[row])
      }
    }
    let style = Figure.Style.series(number)
    if isOrdered {
      marks.append(
        .line(
          points.compactMap { point in
            point.row.rho(.meanAblation)?.mean.mean.map { .init(x: point.x, y: $0) }
          }, style))
    }
    for point in points {
      guard let rho = point.row.rho(.meanAblation)?.mean, let mean = rho.mean else {
        marks.append(.text(.init(x: point.x, y: axis.range.lowerBound), "no rho"))
        continue
      }
      if let accuracy = point.row.accuracy.mean, accuracy < hardlyLearned {
        let words = "accuracy \(NumberText.fixed(accuracy, digits: 2))"
        marks.append(.text(.init(x: point.x + 0.36, y: mean), words))
      }
      if let interval = rho.interval { marks.append(.interval(interval, at: point.x, style)) }
      let accuracy = NumberText.fixed(point.row.accuracy.mean, digits: 2)
      marks.append(
        .point(
          .init(x: point.x, y: mean), style.of(rho),
          label:
            "\(curve.words), \(Words.of(key)) \(point.value): \(NumberText.interval(rho, digits: 2)), n \(rho.count), accuracy \(accuracy)"
        ))
    }
  }
  let words = Words.of(key)
  return Figure(
    name: name ?? "by_\(key)", title: "Rho of the published gradient score with mean ablation, by \(words)",
    description:
      "Mean rho over seeds on exact match, with 95 % confidence intervals; arrows mark ends beyond the frame. A mean accuracy "
      + "out of distribution is named where it is so low that the task was hardly learned. \(Figure.Style.hollowMeaning)",
    panels: [.init(x: .names(words, values.map(\.description)), y: axis, marks: marks)],
    legend: curves.enumerated().map { .init(name: $0.element.words, style: .series($0.offset)) })
}

/// The lower end of the paper's window of accuracy.
private let hardlyLearned = 0.2

extension AcrossCurve {
  /// `sorting, positions rotary`
  fileprivate var words: String {
    ([Words.of(task)] + fixed.sorted { $0.key < $1.key }.map { "\(Words.of($0.key)) \($0.value)" })
      .joined(separator: ", ")
  }
}
