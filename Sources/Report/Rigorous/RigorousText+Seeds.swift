import Errors

/// The classes and ranks of components, and how stable they are over seeds.
func classesText(_ task: RigorousSummary.TaskFindings) -> String {
  var table = TableText(columns: [
    .init("component", .left), .init("n"), .init("seeds", group: "hero"), .init("confidence", group: "hero"),
    .init("seeds", group: "bloat"), .init("confidence", group: "bloat"),
    .init("gradient", group: "mean rank"),
    .init("causal", group: "mean rank"),
  ])
  for row in task.classes.components {
    table.rows.append([
      row.component, "\(row.seeds)", "\(row.hero)", NumberText.fixed(row.heroConfidence, digits: 2),
      "\(row.bloat)", NumberText.fixed(row.bloatConfidence, digits: 2),
      NumberText.interval(row.gradientRank, digits: 1), NumberText.interval(row.causalRank, digits: 1),
    ])
  }
  let concordance = task.classes.concordance.map { row in
    "\(row.score): agreement of the seeds' rankings: W \(NumberText.fixed(row.kendallW, digits: 3)), mean rank correlation "
      + "\(NumberText.fixed(row.meanSpearman, digits: 3)) (\(row.reason ?? NumberText.seeds(row.seeds)))\n"
  }
  return
    "Heroes and bloats, \(task.task): number of seeds, confidence of the class, and mean ranks by the published "
    + "gradient score and by mean ablation\n" + table.render() + concordance.joined()
    + "Heroes lie \(NumberText.interval(task.classes.heroesLater, digits: 2)) layers later than bloats "
    + "(\(NumberText.seeds(task.classes.heroesLater.count)) with both): \(NumberText.pValue(task.classes.heroesLate))\n"
    + dipText("out of distribution", task.classes.bloatDip)
    + dipText("in distribution", task.classes.bloatDipInDistribution)
}

private func dipText(_ place: String, _ dip: TestSummary) -> String {
  "Joint effect of all bloats over seeds, \(place): dip \(NumberText.fixed(dip.statistic, digits: 3)), "
    + "\(NumberText.pValue(dip))\n"
}

/// Accuracy and rho by length; `nil` if lengths were not measured.
func lengthsText(_ task: RigorousSummary.TaskFindings) -> String? {
  guard !task.lengths.isEmpty else { return nil }
  var table = TableText(columns: [
    .init("length", .left), .init("n"), .init("accuracy"), .init("n", group: "rho, exact match"),
    .init("mean", group: "rho, exact match"), .init("n", group: "rho, log-probability"),
    .init("mean", group: "rho, log-probability"),
  ])
  for row in task.lengths {
    table.rows.append([
      row.inDistribution ? "training (up to \(row.length))" : "\(row.length)", "\(row.accuracy.count)",
      NumberText.interval(row.accuracy, digits: 3), "\(row.rho.count)",
      NumberText.interval(row.rho, digits: 2),
      "\(row.rhoLogProbability.count)", NumberText.interval(row.rhoLogProbability, digits: 2),
    ])
  }
  return "Accuracy and rho by length, \(task.task)\n" + table.render()
    + trendText("exact match", task.lengthTrend.exactMatch)
    + trendText("log-probability", task.lengthTrend.logProbability)
}

private func trendText(_ effect: String, _ found: WithinSeedTrend) -> String {
  "Mean rank correlation of length and rho within a seed, out of distribution, \(effect): "
    + "\(NumberText.interval(found.trend, digits: 2)) (\(NumberText.seeds(found.trend.count))), "
    + "\(NumberText.pValue(found.test))\n"
}

/// Whether harmless and catastrophic bloats can be distinguished before pruning.
func predictionText(_ task: RigorousSummary.TaskFindings) -> String {
  let found = task.prediction
  let area = NumberText.interval(found.area, found.interval, digits: 2)
  var text =
    "Can harmless and catastrophic bloats be distinguished before pruning? \(task.task)\n"
    + "\(counted(found.bloats, "bloat")) in \(NumberText.seeds(found.seeds)), \(found.catastrophic) "
    + "catastrophic (ablated alone, each costs \(found.threshold) of exact match or more); \(NumberText.seeds(found.seedsWithBoth)) with both kinds\n"
    + "Features: \(found.features.isEmpty ? "none" : found.features.joined(separator: ", "))\n"
  if found.area != nil { text += "Area under the ROC curve, leaving out one seed at a time: \(area)\n" }
  if let reason = found.reason { text += "No claim: \(reason)\n" }
  if found.predicts == false {
    text += "The interval does not lie above 0.5: there is no evidence that the features predict\n"
  }
  return text
}

/// Rho along the ladder of tasks; `nil` with fewer than two tasks.
func ladderText(_ ladder: TaskLadder) -> String? {
  guard ladder.rows.count > 1 else { return nil }
  var table = TableText(columns: [
    .init("rung"), .init("task", .left), .init("n"), .init("length"), .init("accuracy"), .init("rho"),
    .init("corrected"),
  ])
  for row in ladder.rows {
    table.rows.append([
      "\(row.rung)", row.task, "\(row.seeds)", NumberText.fixed(row.length, digits: 1),
      NumberText.interval(row.accuracy, digits: 2), NumberText.interval(row.rho, digits: 2),
      NumberText.interval(row.corrected, digits: 2),
    ])
  }
  return "The ladder of tasks: published gradient score against \(CausalKey.mean.text)\n" + table.render()
    + "Mean rank correlation of rung and rho within a seed: \(NumberText.interval(ladder.trend, digits: 2)), "
    + "\(NumberText.pValue(ladder.test))\n"
}

/// Reversal compared with sorting; `nil` if the study lacks one of them.
func comparisonText(_ summary: RigorousSummary) -> String? {
  guard !summary.reversalAgainstSorting.isEmpty else { return nil }
  var table = TableText(columns: [
    .init("rho", .left), .init("reversal"), .init("sorting"), .init("difference, shared seeds"),
    .init("groups", group: "reversal larger", .left),
    .init("sign flip", group: "reversal larger", .left),
  ])
  for row in summary.reversalAgainstSorting {
    table.rows.append([
      row.rho, NumberText.interval(row.first, digits: 3), NumberText.interval(row.second, digits: 3),
      NumberText.interval(row.paired, digits: 3), NumberText.pValue(row.groups),
      NumberText.pValue(row.signFlip),
    ])
  }
  return "Reversal against sorting (tests one-sided)\n" + table.render()
}

/// Reversal compared with sorting under every causal score, which shows whether the answer depends on it.
func causalComparisonText(_ summary: RigorousSummary) -> String? {
  let rows = summary.reversalByCausalScore
  guard !rows.isEmpty else { return nil }
  var table = TableText(columns: [
    .init("causal score", .left), .init("reversal"), .init("sorting"), .init("difference, shared seeds"),
    .init("p, reversal larger"), .init("p, sorting larger"), .init("significant", .left),
  ])
  for row in rows {
    let told = row.isFirstLarger(comparisons: rows.count).map { $0 ? "reversal larger" : "sorting larger" }
    table.rows.append([
      row.rho, NumberText.interval(row.first, digits: 2), NumberText.interval(row.second, digits: 2),
      NumberText.interval(row.paired, digits: 2), NumberText.fixed(row.signFlip.pValue, digits: 4),
      NumberText.fixed(row.opposite.pValue, digits: 4), told ?? "",
    ])
  }
  let answers = Set(rows.compactMap { $0.isFirstLarger(comparisons: rows.count) })
  return
    "Rho of the published gradient score, reversal against sorting, by causal score (sign flips; significant: "
    + "two-sided at \(TestSummary.level) / \(rows.count))\n" + table.render()
    + (answers.count == 2 ? "FLIPS: which task's rho is larger depends on the causal score\n" : "")
}

/// The verdicts on the paper's claims, each with its numbers and its rule.
func verdictsText(_ summary: RigorousSummary) -> String {
  "Verdicts on the paper's claims\n"
    + summary.verdicts.map { verdict in
      "- \(verdict.task.map { "\($0): " } ?? "")\(verdict.claim): \(verdict.outcome.text.uppercased())\n"
        + "  \(verdict.numbers)\n  rule: \(verdict.rule)\n"
    }.joined()
}
