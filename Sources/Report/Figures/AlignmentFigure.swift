import Records

/// Rho of every seed beside the paper's: one strip for each task and source, with the mean and its interval.
func alignmentFigure(_ summary: Summary, _ paper: PaperTables, _ draws: ReportDraws = .init()) -> Figure? {
  let strips = summary.tasks.flatMap { task -> [Strip] in
    let ours = task.bySeed.compactMap { row in
      row.rho.map { (seed: row.seed, rho: $0, isCounted: row.inWindow) }
    }
    let theirs = paper.bySeed(task: task.task).map { (seed: $0.seed, rho: $0.rho, isCounted: true) }
    return [
      Strip(name: "\(Words.of(task.task)), ours", seeds: ours, style: .series(0)),
      Strip(name: "\(Words.of(task.task)), paper", seeds: theirs, style: .series(1)),
    ].filter { !$0.seeds.isEmpty }
  }
  guard !strips.isEmpty else { return nil }
  let marks = strips.enumerated().flatMap { place, strip in strip.marks(at: -Double(place), draws) }
  let lowest = strips.flatMap(\.seeds).map(\.rho).min() ?? 0
  return Figure(
    name: "alignment", title: "Agreement of gradient and causal importance, seed by seed",
    description:
      "Spearman's rho of the published gradient score and the protocol's own ablation over the components of a model: one mark for each seed, hollow "
      + "if its accuracy lies outside the paper's window and so is not counted; cross: the mean of the counted seeds with its 95 % confidence interval.",
    panels: [
      .init(
        x: .init(label: "rho (rank correlation over components)", range: min(-0.05, lowest - 0.05)...1.05),
        y: .names("", strips.map(\.name), isReversed: true), marks: [.rule(0, isHorizontal: false)] + marks,
        height: 30 * Double(strips.count))
    ],
    legend: [.init(name: "ours", style: .series(0)), .init(name: "the paper's", style: .series(1))].filter {
      entry in
      strips.contains { $0.style == entry.style }
    })
}

/// The rhos of the seeds of one task and one source.
private struct Strip {
  var name: String
  var seeds: [(seed: Int, rho: Double, isCounted: Bool)]
  var style: Figure.Style

  func marks(at place: Double, _ draws: ReportDraws) -> [Figure.Mark] {
    // Seeds are spread across the strip in their order, so that equal rhos don't hide one another.
    let points = seeds.enumerated().map { number, seed in
      let offset = seeds.count > 1 ? 0.5 * Double(number) / Double(seeds.count - 1) - 0.25 : 0
      return Figure.Mark.point(
        .init(x: seed.rho, y: place + offset), style.hollow(!seed.isCounted),
        label: "seed \(seed.seed): \(NumberText.fixed(seed.rho, digits: 3))")
    }
    let found = SeedMean(seeds.filter(\.isCounted).map(\.rho), bounds: SeedMean.correlation, draws)
    guard let mean = found.mean else { return points }
    return points + [
      .line([.init(x: mean, y: place - 0.38), .init(x: mean, y: place + 0.38)], .ink)
    ] + [found.interval.map { .interval($0, at: place, .ink, isHorizontal: true) }].compactMap(\.self)
  }
}
