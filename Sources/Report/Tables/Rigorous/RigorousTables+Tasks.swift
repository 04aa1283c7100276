/// Rho along the ladder of tasks, shown for two tasks or more.
func ladderTable(_ ladder: TaskLadder) -> Table {
  Table(
    "ladder", title: "The ladder of tasks: published gradient score against \(CausalKey.mean.text)",
    rows: ladder.rows,
    notes: [
      "Mean rank correlation of rung and rho within a seed: \(NumberText.interval(ladder.trend, digits: 2)), "
        + NumberText.pValue(ladder.test)
    ], isShown: ladder.rows.count > 1,
    [
      .both("rung") { .count($0.rung) },
      .both("task", .left) { .text($0.task) },
      .shown("n") { .count($0.seeds) },
      .both("length") { .number($0.length, digits: 1) },
      .mean("accuracy") { $0.accuracy },
      .mean("rho") { $0.rho },
      .mean("corrected") { $0.corrected },
    ])
}

/// Reversal compared with sorting; without rows if the study lacks one of them.
func comparisonTable(_ summary: RigorousSummary) -> Table {
  Table(
    title: "Reversal against sorting (tests one-sided)", rows: summary.reversalAgainstSorting,
    [
      .shown("rho", .left) { .text($0.rho) },
      .shown("reversal") { .estimate($0.first, digits: 3) },
      .shown("sorting") { .estimate($0.second, digits: 3) },
      .shown("difference, shared seeds") { .estimate($0.paired, digits: 3) },
      .shown("groups", group: "reversal larger", .left) { .text(NumberText.pValue($0.groups)) },
      .shown("sign flip", group: "reversal larger", .left) { .text(NumberText.pValue($0.signFlip)) },
    ])
}

/// Reversal compared with sorting under every causal score, which shows whether the answer depends on it.
func causalComparisonTable(_ summary: RigorousSummary) -> Table {
  let rows = summary.reversalByCausalScore
  let answers = Set(rows.compactMap { $0.isFirstLarger(comparisons: rows.count) })
  return Table(
    "reversal_by_causal_score",
    title:
      "Rho of the published gradient score, reversal against sorting, by causal score (sign flips; significant: "
      + "two-sided at \(TestSummary.level) / \(rows.count))",
    rows: rows,
    notes: answers.count == 2 ? ["FLIPS: which task's rho is larger depends on the causal score"] : [],
    [
      .both("causal score", .left) { .text($0.rho) },
      .mean("reversal") { $0.first },
      .mean("sorting") { $0.second },
      .mean("difference, shared seeds", key: "difference") { $0.paired },
      .both("p, reversal larger", key: "p_reversal_larger") { .number($0.signFlip.pValue, digits: 4) },
      .both("p, sorting larger", key: "p_sorting_larger") { .number($0.opposite.pValue, digits: 4) },
      .shown("significant", .left) { row in
        .text(row.isFirstLarger(comparisons: rows.count).map { $0 ? "reversal larger" : "sorting larger" })
      },
    ])
}

/// The verdicts on the paper's claims, each with its numbers and its rule.
func verdictsTable(_ summary: RigorousSummary) -> Table {
  Table(
    "verdicts", title: "Verdicts on the paper's claims", rows: summary.verdicts,
    notes: summary.verdicts.flatMap { verdict in
      [
        "- \(verdict.task.map { "\($0): " } ?? "")\(verdict.claim): \(verdict.outcome.text.uppercased())",
        "  \(verdict.numbers)", "  rule: \(verdict.rule)",
      ]
    },
    [
      .file("task") { .text($0.task) }, .file("claim") { .text($0.claim) },
      .file("outcome") { .text($0.outcome.text.replacing(" ", with: "_")) },
      .file("seeds") { .count($0.seeds) },
      .file("p") { .number($0.pValue) }, .file("p_corrected") { .number($0.correctedP) },
      .file("effect") { .number($0.effect) }, .file("power") { .number($0.power) },
      .file("seeds_needed") { .count($0.seedsNeeded) },
      .file("numbers") { .text($0.numbers) },
      .file("rule") { .text($0.rule) },
    ])
}
