/// Every gradient score against mean ablation on exact match: rho, raw and corrected for attenuation.
func scoresText(_ task: RigorousSummary.TaskFindings) -> String? {
  let rows = task.scores.rows.filter { $0.causal == .mean }
  guard !rows.isEmpty else { return nil }
  var table = TableText(columns: [
    .init("gradient score", .left), .init("batches", .left), .init("n"), .init("rho"), .init("corrected"),
    .init("not estimable"),
  ])
  var notes: [String] = []
  for row in rows {
    table.rows.append([
      row.gradient.score, row.gradient.distribution, "\(row.rho.count)",
      NumberText.interval(row.rho, digits: 2),
      NumberText.interval(row.corrected, digits: 2), "\(row.notEstimable.count)",
    ])
    if !row.notEstimable.isEmpty {
      notes.append("\(row.gradient.text), no corrected rho: \(missingText(row.notEstimable))\n")
    }
  }
  return
    "Gradient scores (absolute values) against \(CausalKey.mean.text) (signed), \(task.task): mean rho, raw and "
    + "corrected for attenuation\n" + table.render() + notes.joined()
}

/// How the rho of other gradient scores differs from that of the published one, paired by seed.
func contrastsText(_ task: RigorousSummary.TaskFindings) -> String? {
  guard !task.scores.contrasts.isEmpty else { return nil }
  var table = TableText(columns: [
    .init("gradient score", .left), .init("n"), .init("rho minus the published score's rho"), .init("p"),
  ])
  for row in task.scores.contrasts {
    table.rows.append([
      row.gradient.text, "\(row.difference.count)", NumberText.interval(row.difference, digits: 2),
      NumberText.fixed(row.test.pValue, digits: 4),
    ])
  }
  return
    "Other gradient scores against the published one, with \(CausalKey.mean.text), \(task.task) (p: two-sided sign "
    + "flips, not corrected for the number of scores)\n" + table.render()
}

/// The split-half reliabilities of whole scores.
func reliabilityText(_ task: RigorousSummary.TaskFindings) -> String? {
  var table = TableText(columns: [.init("score", .left), .init("n"), .init("reliability")])
  for row in task.scores.gradientReliability {
    table.rows.append([
      row.gradient.text, "\(row.reliability.count)", NumberText.interval(row.reliability, digits: 2),
    ])
  }
  for row in task.scores.causalReliability {
    table.rows.append([
      row.causal.text, "\(row.reliability.count)", NumberText.interval(row.reliability, digits: 2),
    ])
  }
  guard !table.rows.isEmpty else { return nil }
  return "Reliability (split halves, Spearman–Brown), mean over seeds, \(task.task)\n" + table.render()
}

/// The mean rho of every gradient score under every intervention; one table for each effect.
func matricesText(_ task: RigorousSummary.TaskFindings) -> [String] {
  let causal = firstSeen(task.scores.rows.map(\.causal))
  let gradients = firstSeen(task.scores.rows.map(\.gradient))
  return firstSeen(causal.map(\.effect)).map { effect in
    let columns = causal.filter { $0.effect == effect }
    var table = TableText(columns: [.init("gradient score", .left)] + columns.map { .init($0.method) })
    for gradient in gradients {
      table.rows.append(
        [gradient.text]
          + columns.map { column in
            task.scores.row(gradient, column).map { NumberText.interval($0.rho, digits: 2) } ?? ""
          })
    }
    return "Mean rho by intervention, effect on \(effect), \(task.task)\n" + table.render()
  }
}

/// The conclusions that depend on the causal score.
func flipsText(_ task: RigorousSummary.TaskFindings) -> String {
  let title = "Conclusions that depend on the causal score, \(task.task)\n"
  guard !task.scores.flips.isEmpty else {
    let scores = max(firstSeen(task.scores.rows.map(\.causal)).count, 1)
    return title
      + "None found. The tests' level is \(TestSummary.level) / \(scores) (the number of causal scores): with fewer "
      + "than \(Flip.fewestSeeds(causalScores: scores)) seeds no p-value can be that small.\n"
  }
  return title
    + task.scores.flips.map { flip in
      let high = "\(NumberText.fixed(flip.aboveMean, digits: 2)) against \(flip.above.text)"
      let low = "\(NumberText.fixed(flip.belowMean, digits: 2)) against \(flip.below.text)"
      return flip.other.map {
        "FLIPS: rho of \(flip.gradient.text) minus rho of \($0.text) is \(high), \(low)\n"
      } ?? "FLIPS: mean rho of \(flip.gradient.text) is \(high), \(low)\n"
    }.joined()
}
