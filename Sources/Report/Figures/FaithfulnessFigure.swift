import Records

/// The mean faithfulness of the k highest-ranked components of each ranking, with the others replaced by
/// their means, on log-probability if that was measured. The exact ranking and the random rankings are
/// dashed.
func faithfulnessFigure(_ task: RigorousSummary.TaskFindings) -> SVG? {
  let found = task.faithfulness.filter { $0.method == CausalKey.mean.method && $0.curve.count > 1 }
  let effects = firstSeen(found.map(\.effect))
  guard let effect = effects.first(where: { $0 == RecordNames.Effect.logProbability }) ?? effects.first else {
    return nil
  }
  let rows = found.filter { $0.effect == effect }
  let values = rows.flatMap(\.curve)
  guard let low = values.min(), let high = values.max(), low.isFinite, high.isFinite else { return nil }
  let last = Double((rows.map(\.curve.count).max() ?? 1) - 1)
  var plot = Plot(
    title: "Faithfulness of the k best components, \(effect), \(task.task)", width: 840, right: 230,
    x: 0...last,
    y: min(0, low)...max(1, high))
  plot.drawX("components kept")
  plot.drawY("faithfulness")
  let plain = rows.filter { !isReference($0) }
  let entries = rows.map { row in
    plain.firstIndex(of: row).map { Palette.colour($0) }
      ?? (row.ranking == RecordNames.Ranking.exact ? "#000000" : Palette.quiet)
  }
  for (row, colour) in zip(rows, entries) {
    let points = row.curve.enumerated().map { (plot.x(Double($0.offset)), plot.y($0.element)) }
    plot.svg.polyline(points, colour, dashed: isReference(row))
  }
  plot.legend(
    zip(rows, entries).map { row, colour in
      ("\(row.ranking), CPR \(NumberText.fixed(row.cpr.mean, digits: 2))", colour)
    })
  return plot.svg
}

private func isReference(_ row: FaithfulnessSummary) -> Bool {
  row.ranking == RecordNames.Ranking.exact || row.ranking == RecordNames.Ranking.random
}
