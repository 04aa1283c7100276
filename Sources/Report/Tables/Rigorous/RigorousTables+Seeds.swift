import Errors

/// The classes and ranks of components, and how stable they are over seeds.
func classesTable(_ task: RigorousSummary.TaskFindings) -> Table {
  let found = task.classes
  return Table(
    "classes",
    title:
      "Heroes and bloats, \(task.task): number of seeds, confidence of the class, and mean ranks by the published "
      + "gradient score and by mean ablation",
    rows: found.components,
    notes: found.concordance.map { row in
      "\(row.score): agreement of the seeds' rankings: W \(NumberText.fixed(row.kendallW, digits: 3)), mean rank "
        + "correlation \(NumberText.fixed(row.meanSpearman, digits: 3)) "
        + "(\(row.reason ?? NumberText.seeds(row.seeds)))"
    } + [
      "Heroes lie \(NumberText.interval(found.heroesLater, digits: 2)) layers later than bloats "
        + "(\(NumberText.seeds(found.heroesLater.count)) with both): \(NumberText.pValue(found.heroesLate))",
      dipText("out of distribution", found.bloatDip),
      dipText("in distribution", found.bloatDipInDistribution),
    ],
    [
      .file("task") { _ in .text(task.task) },
      .component("component") { $0.component },
      .file("layer") { .count($0.layer) },
      .both("n", key: "seeds") { .count($0.seeds) },
      .both("seeds", key: "hero", group: "hero") { .count($0.hero) },
      .file("hero_lower", "hero_upper") { .range($0.heroInterval) },
      .both("confidence", key: "hero_confidence", group: "hero") { .number($0.heroConfidence, digits: 2) },
      .both("seeds", key: "bloat", group: "bloat") { .count($0.bloat) },
      .file("bloat_lower", "bloat_upper") { .range($0.bloatInterval) },
      .both("confidence", key: "bloat_confidence", group: "bloat") { .number($0.bloatConfidence, digits: 2) },
      .mean("gradient", key: "gradient_rank", group: "mean rank", digits: 1) { $0.gradientRank },
      .mean("causal", key: "causal_rank", group: "mean rank", digits: 1) { $0.causalRank },
    ])
}

private func dipText(_ place: String, _ dip: TestSummary) -> String {
  "Joint effect of all bloats over seeds, \(place): dip \(NumberText.fixed(dip.statistic, digits: 3)), "
    + NumberText.pValue(dip)
}

/// Accuracy and rho by length.
func lengthsTable(_ task: RigorousSummary.TaskFindings) -> Table {
  let (exact, logarithm) = ("rho, exact match", "rho, log-probability")
  return Table(
    "lengths", title: "Accuracy and rho by length, \(task.task)", rows: task.lengths,
    notes: task.lengths.isEmpty
      ? []
      : [
        trendText("exact match", task.lengthTrend.exactMatch),
        trendText("log-probability", task.lengthTrend.logProbability),
      ],
    [
      .file("task") { _ in .text(task.task) },
      .file("length") { .count($0.length) },
      .file("in_distribution") { .flag($0.inDistribution) },
      .shown("length", .left) { .text($0.inDistribution ? "training (up to \($0.length))" : "\($0.length)") },
      .shown("n") { .count($0.accuracy.count) },
      .mean("accuracy", digits: 3) { $0.accuracy },
      .shown("n", group: exact) { .count($0.rho.count) },
      .mean("mean", key: "rho", group: exact) { $0.rho },
      .shown("n", group: logarithm) { .count($0.rhoLogProbability.count) },
      .mean("mean", key: "rho_log_probability", group: logarithm) { $0.rhoLogProbability },
    ])
}

private func trendText(_ effect: String, _ found: WithinSeedTrend) -> String {
  "Mean rank correlation of length and rho within a seed, out of distribution, \(effect): "
    + "\(NumberText.interval(found.trend, digits: 2)) (\(NumberText.seeds(found.trend.count))), "
    + NumberText.pValue(found.test)
}

/// Whether harmless and catastrophic bloats can be distinguished before pruning.
func predictionTable(_ task: RigorousSummary.TaskFindings) -> Table {
  let found = task.prediction
  var notes = [
    "\(counted(found.bloats, "bloat")) in \(NumberText.seeds(found.seeds)), \(found.catastrophic) catastrophic "
      + "(ablated alone, each costs \(found.threshold) of exact match or more); "
      + "\(NumberText.seeds(found.seedsWithBoth)) with both kinds",
    "Features: \(found.features.isEmpty ? "none" : found.features.joined(separator: ", "))",
  ]
  if found.area != nil {
    let area = NumberText.interval(found.area, found.interval, digits: 2)
    notes.append("Area under the ROC curve, leaving out one seed at a time: \(area)")
  }
  if let reason = found.reason { notes.append("No claim: \(reason)") }
  if found.predicts == false {
    notes.append("The interval does not lie above 0.5: there is no evidence that the features predict")
  }
  return Table(
    "bloat_prediction",
    title: "Can harmless and catastrophic bloats be distinguished before pruning? \(task.task)",
    rows: [found], notes: notes,
    [
      .file("task") { _ in .text(task.task) }, .file("threshold") { .number($0.threshold) },
      .file("bloats") { .count($0.bloats) }, .file("catastrophic") { .count($0.catastrophic) },
      .file("seeds") { .count($0.seeds) }, .file("seeds_with_both") { .count($0.seedsWithBoth) },
      .file("area") { .number($0.area) }, .file("area_lower", "area_upper") { .range($0.interval) },
      .file("predicts") { .flag($0.predicts) }, .file("reason") { .text($0.reason) },
    ])
}
