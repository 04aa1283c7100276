import Records

/// The mean faithfulness of the k highest-ranked components of each ranking, with the others replaced by
/// their means, on log-probability if that was measured. The measured and the random rankings are dashed.
func faithfulnessFigure(_ task: RigorousSummary.TaskFindings) -> Figure? {
  let found = task.faithfulness.filter { $0.method == CausalKey.mean.method && $0.curve.count > 1 }
  let effects = firstSeen(found.map(\.effect))
  guard let effect = effects.first(where: { $0 == RecordNames.Effect.logProbability }) ?? effects.first else {
    return nil
  }
  let rows = found.filter { $0.effect == effect }
  guard let range = Figure.Axis.range(of: rows.flatMap(\.curve), including: [0, 1]) else { return nil }
  let plain = rows.filter { !$0.isReference }
  let styles = rows.map { row in
    if let place = plain.firstIndex(of: row) { return Figure.Style.series(place) }
    return Figure.Style(
      colour: row.ranking == RecordNames.Ranking.exact ? .ink : .quiet, shape: .plus, isDashed: true)
  }
  let last = (rows.map(\.curve.count).max() ?? 1) - 1
  let marks = zip(rows, styles).flatMap { row, style -> [Figure.Mark] in
    let points = row.curve.enumerated().map { Figure.Point(x: Double($0.offset), y: $0.element) }
    return [.line(points, style)] + points.map { .point($0, style) }
  }
  return Figure(
    name: "faithfulness-\(task.task)",
    title: "Faithfulness of the highest-ranked components, \(Words.task(task.task, seeds: task.seeds.count))",
    description:
      "Mean over seeds of the share of the model's \(Words.of(effect)) that remains if all but the k highest-ranked components are "
      + "replaced by their means. CPR is the area under a curve, with its 95 % interval. Upright dashed lines: the sizes of the benchmark MIB, "
      + "in per cent of all components.",
    panels: [
      .init(
        x: .init(
          label: "components kept (of \(last))", range: 0...Double(max(last, 1)), ticks: wholeTicks(last)),
        y: .init(label: "faithfulness (share)", range: range),
        marks: mibSizes.map { .rule($0 * Double(last), isHorizontal: false) } + [.rule(0), .rule(1)]
          + mibSizes.map {
            .text(.init(x: $0 * Double(last), y: range.upperBound), LinearScale.text(100 * $0) + " %")
          } + marks, height: 220)
    ],
    legend: zip(rows, styles).map { row, style in
      .init(name: "\(Words.of(row.ranking)): CPR \(NumberText.interval(row.cpr, digits: 2))", style: style)
    })
}

/// The shares at which the Mechanistic Interpretability Benchmark compares circuits (Mueller et al. 2025); smaller ones are less than a
/// component here.
private let mibSizes = [0.1, 0.2, 0.5]

private func wholeTicks(_ last: Int) -> [Figure.Tick] {
  let step = max(1, (last + 9) / 10)
  return stride(from: 0, through: last, by: step).map { .init(value: Double($0), label: "\($0)") }
}

extension FaithfulnessSummary {
  /// Whether it is a ranking to compare others with.
  fileprivate var isReference: Bool {
    ranking == RecordNames.Ranking.exact || ranking == RecordNames.Ranking.random
  }
}
