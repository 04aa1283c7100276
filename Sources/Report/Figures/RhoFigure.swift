/// The mean rho of every gradient score with its interval, on out-of-distribution batches, against mean
/// ablation; one series for each effect.
func rhoFigure(_ task: RigorousSummary.TaskFindings) -> Figure? {
  let measured = task.scores.rows.filter { row in
    row.gradient.distribution == GradientKey.published.distribution
      && row.causal.method == CausalKey.mean.method
  }
  let rows = measured.filter { $0.rho.mean != nil }
  // An effect looks the same for every task, also where another effect has no rho.
  let known = firstSeen(measured.map(\.causal.effect))
  func style(_ effect: String) -> Figure.Style { .series(known.firstIndex(of: effect) ?? 0) }
  let scores = firstSeen(rows.map(\.gradient.score))
  let effects = firstSeen(rows.map(\.causal.effect))
  guard !scores.isEmpty else { return nil }
  let step = 0.7 / Double(max(effects.count, 1))
  let marks = rows.flatMap { row -> [Figure.Mark] in
    guard let place = scores.firstIndex(of: row.gradient.score),
      let effect = effects.firstIndex(of: row.causal.effect), let mean = row.rho.mean
    else { return [] }
    let height = -Double(place) - step * (Double(effect) - Double(effects.count - 1) / 2)
    let style = style(row.causal.effect).of(row.rho)
    let label =
      "\(Words.of(row.gradient.score)), \(Words.of(row.causal.effect)): \(NumberText.interval(row.rho, digits: 2)), n \(row.rho.count)"
    return [row.rho.interval.map { .interval($0, at: height, style, isHorizontal: true) }].compactMap(\.self)
      + [.point(.init(x: mean, y: height), style, label: label)]
  }
  return Figure(
    name: "rho-\(task.task)",
    title: "Gradient scores against mean ablation, \(Words.task(task.task, seeds: task.seeds.count))",
    description:
      "Mean over seeds of Spearman's rho between a gradient score and the effect of mean ablation, with 95 % confidence intervals, by "
      + "what the effect is measured on. \(Figure.Style.hollowMeaning)",
    panels: [
      .init(
        x: .rhos("mean rho (rank correlation over components)", rows.map(\.rho)),
        y: .names("", scores.map(Words.of), isReversed: true),
        marks: [.rule(0, isHorizontal: false)] + marks,
        height: Double(scores.count) * (6 + 8 * Double(effects.count)))
    ],
    legend: effects.map { .init(name: Words.of($0), style: style($0)) })
}
