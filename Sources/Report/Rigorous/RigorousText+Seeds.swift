/// Classes, ranks and their stability over seeds.
func classesText(_ task: RigorousSummary.Task) -> String {
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
    "\(row.score): seeds rank alike to W \(NumberText.fixed(row.kendallW, digits: 3)), mean rank correlation "
      + "\(NumberText.fixed(row.meanSpearman, digits: 3)) (\(row.reason ?? NumberText.seeds(row.seeds)))\n"
  }
  let late = task.classes.heroesLate
  let dip = task.classes.bloatDip
  return
    "Heroes and bloats, \(task.task): in how many seeds, how surely, and the ranks of published gradient and "
    + "mean ablation\n" + table.render() + concordance.joined()
    + "Heroes lie \(NumberText.fixed(late.statistic, digits: 2)) layers later than bloats: "
    + "\(NumberText.pValue(late))\n"
    + "Joint effect of all bloats over seeds: dip \(NumberText.fixed(dip.statistic, digits: 3)), "
    + "\(NumberText.pValue(dip))\n"
}

func lengthsText(_ task: RigorousSummary.Task) -> String? {
  guard !task.lengths.isEmpty else { return nil }
  var table = TableText(columns: [
    .init("length", .left), .init("n"), .init("accuracy"), .init("n", group: "rho, exact match"),
    .init("mean", group: "rho, exact match"), .init("n", group: "rho, log-probability"),
    .init("mean", group: "rho, log-probability"),
  ])
  for row in task.lengths {
    table.rows.append([
      row.inDistribution ? "training, to \(row.length)" : "\(row.length)", "\(row.accuracy.count)",
      NumberText.interval(row.accuracy, digits: 3), "\(row.rho.count)",
      NumberText.interval(row.rho, digits: 2),
      "\(row.rhoLogProbability.count)", NumberText.interval(row.rhoLogProbability, digits: 2),
    ])
  }
  return "Accuracy and rho by length, \(task.task)\n" + table.render()
}

func predictionText(_ task: RigorousSummary.Task) -> String {
  let found = task.prediction
  let area = NumberText.interval(found.area, found.interval, digits: 2)
  var text =
    "Can bloats be told apart before pruning? \(task.task)\n"
    + "\(found.bloats) bloats in \(NumberText.seeds(found.seeds)), \(found.catastrophic) catastrophic (alone they cost "
    + "\(found.threshold) of exact match or more); \(NumberText.seeds(found.seedsWithBoth)) with both kinds\n"
    + "Features: \(found.features.isEmpty ? "none" : found.features.joined(separator: ", "))\n"
  if found.area != nil { text += "Area under the curve, a seed left out at a time: \(area)\n" }
  if let reason = found.reason { text += "No claim: \(reason)\n" }
  if found.predicts == false { text += "The interval doesn't lie above 0.5: no prediction is shown\n" }
  return text
}

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
    + "Rank correlation of rung and rho within seeds: \(NumberText.interval(ladder.trend, digits: 2)), "
    + "\(NumberText.pValue(ladder.test))\n"
}

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
  return "Reversal against sorting\n" + table.render()
}

func verdictsText(_ summary: RigorousSummary) -> String {
  "Verdicts on the paper's claims\n"
    + summary.verdicts.map { verdict in
      "- \(verdict.task.map { "\($0): " } ?? "")\(verdict.claim): \(verdict.outcome.text.uppercased())\n"
        + "  \(verdict.numbers)\n  rule: \(verdict.rule)\n"
    }.joined()
}
