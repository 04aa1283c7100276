/// Every gradient score against mean ablation on exact match: rho, raw and corrected for attenuation.
func scoresTable(_ task: RigorousSummary.TaskFindings) -> Table {
  let rows = task.scores.rows.filter { $0.causal == .mean }
  return Table(
    title:
      "Gradient scores (absolute values) against \(CausalKey.mean.text) (signed), \(task.task): mean rho, raw and "
      + "corrected for attenuation",
    rows: rows,
    notes: rows.filter { !$0.notEstimable.isEmpty }
      .map { "\($0.gradient.text), no corrected rho: \(missingText($0.notEstimable))" },
    [
      .shown("gradient score", .left) { .text($0.gradient.score) },
      .shown("batches", .left) { .text($0.gradient.distribution) },
      .shown("n") { .count($0.rho.count) },
      .shown("rho") { .estimate($0.rho, digits: 2) },
      .shown("corrected") { .estimate($0.corrected, digits: 2) },
      .shown("not estimable") { .count($0.notEstimable.count) },
    ])
}

/// `rigorous_scores`: every gradient score against every causal score.
func scoresFile(_ task: RigorousSummary.TaskFindings) -> Table {
  let scores = task.scores
  return Table(
    "rigorous_scores", title: "Gradient scores and causal scores", rows: scores.rows, isShown: false,
    [
      .file("task") { _ in .text(task.task) },
      .file("score") { .text($0.gradient.score) }, .file("distribution") { .text($0.gradient.distribution) },
      .file("intervention") { .text($0.causal.method) }, .file("metric") { .text($0.causal.effect) },
      .mean(key: "rho") { $0.rho }, .mean(key: "corrected") { $0.corrected },
      .file("not_estimable") { .count($0.notEstimable.count) },
      .mean(key: "gradient_reliability") { row in
        scores.gradientReliability.first { $0.gradient == row.gradient }?.reliability
      },
      .mean(key: "causal_reliability") { row in
        scores.causalReliability.first { $0.causal == row.causal }?.reliability
      },
    ])
}

/// How the rho of other gradient scores differs from that of the published one, paired by seed.
func contrastsTable(_ task: RigorousSummary.TaskFindings) -> Table {
  Table(
    "score_contrasts",
    title:
      "Other gradient scores against the published one, with \(CausalKey.mean.text), \(task.task) (p: two-sided sign "
      + "flips, not corrected for the number of scores)",
    rows: task.scores.contrasts,
    [
      .file("task") { _ in .text(task.task) },
      .file("score") { .text($0.gradient.score) }, .file("distribution") { .text($0.gradient.distribution) },
      .shown("gradient score", .left) { .text($0.gradient.text) },
      .shown("n") { .count($0.difference.count) },
      .mean("rho minus the published score's rho", key: "difference") { $0.difference },
      .both("p", key: "sign_flip_p") { .number($0.test.pValue, digits: 4) },
    ])
}

/// The split-half reliabilities of whole scores.
func reliabilityTable(_ task: RigorousSummary.TaskFindings) -> Table {
  Table(
    title: "Reliability (split halves, Spearman–Brown), mean over seeds, \(task.task)",
    rows: task.scores.gradientReliability.map { ($0.gradient.text, $0.reliability) }
      + task.scores.causalReliability.map { ($0.causal.text, $0.reliability) },
    [
      .shown("score", .left) { .text($0.0) },
      .shown("n") { .count($0.1.count) },
      .shown("reliability") { .estimate($0.1, digits: 2) },
    ])
}

/// The mean rho of every gradient score under every intervention; one table for each effect.
func matrixTables(_ task: RigorousSummary.TaskFindings) -> [Table] {
  let causal = firstSeen(task.scores.rows.map(\.causal))
  return firstSeen(causal.map(\.effect)).map { effect in
    Table(
      title: "Mean rho by intervention, effect on \(effect), \(task.task)",
      rows: firstSeen(task.scores.rows.map(\.gradient)),
      [.shown("gradient score", .left) { .text($0.text) }]
        + causal.filter { $0.effect == effect }.map { column in
          .shown(column.method) { .estimate(task.scores.row($0, column)?.rho, digits: 2) }
        })
  }
}

/// The conclusions that depend on the causal score.
func flipsTable(_ task: RigorousSummary.TaskFindings) -> Table {
  let title = "Conclusions that depend on the causal score, \(task.task)"
  guard !task.scores.flips.isEmpty else {
    let scores = max(firstSeen(task.scores.rows.map(\.causal)).count, 1)
    return Table(
      title: title,
      notes: [
        "None found. The tests' level is \(TestSummary.level) / \(scores) (the number of causal scores): with fewer "
          + "than \(Flip.fewestSeeds(causalScores: scores)) seeds no p-value can be that small."
      ])
  }
  return Table(
    title: title,
    notes: task.scores.flips.map { flip in
      let high = "\(NumberText.fixed(flip.aboveMean, digits: 2)) against \(flip.above.text)"
      let low = "\(NumberText.fixed(flip.belowMean, digits: 2)) against \(flip.below.text)"
      return flip.other.map {
        "FLIPS: rho of \(flip.gradient.text) minus rho of \($0.text) is \(high), \(low)"
      } ?? "FLIPS: mean rho of \(flip.gradient.text) is \(high), \(low)"
    })
}
