/// The mean rho of every gradient score with its interval, on out-of-distribution batches, against mean
/// ablation; one colour for each effect.
func rhoFigure(_ task: RigorousSummary.TaskFindings) -> SVG? {
  let rows = task.scores.rows.filter { row in
    row.gradient.distribution == GradientKey.published.distribution
      && row.causal.method == CausalKey.mean.method
      && row.rho.mean != nil
  }
  let scores = firstSeen(rows.map(\.gradient.score))
  let effects = firstSeen(rows.map(\.causal.effect))
  guard !scores.isEmpty else { return nil }
  let height = Plot.top + 50 + 12 * Double(scores.count * (effects.count + 1))
  var plot = Plot(
    title: "Rho of gradient scores with the effect of mean ablation, \(task.task)", width: 760,
    height: height,
    left: 170, right: 150, x: -1...1, y: 0...1)
  plot.drawX("mean rho over seeds, 95 % intervals")
  plot.svg.line((plot.x(0), plot.y.start), (plot.x(0), plot.y.end), Palette.axis)
  for (place, score) in scores.enumerated() {
    let top = plot.y.end + 12 * Double(place * (effects.count + 1))
    plot.svg.text(score, at: (plot.x.start - 8, top + 6 * Double(effects.count) + 7), .end, size: 11)
    for row in rows where row.gradient.score == score {
      guard let effect = effects.firstIndex(of: row.causal.effect), let mean = row.rho.mean else { continue }
      let height = top + 12 * Double(effect) + 9
      plot.horizontal(row.rho.interval, at: height, Palette.colour(effect))
      plot.svg.circle((plot.x(mean), height), radius: 3.2, Palette.colour(effect))
    }
  }
  plot.legend(effects.enumerated().map { ($0.element, Palette.colour($0.offset)) })
  return plot.svg
}
