/// How well the highest-ranked components of each ranking do alone; one table for each intervention and
/// effect.
func faithfulnessTables(_ task: RigorousSummary.TaskFindings) -> [Table] {
  firstSeen(task.faithfulness.map { CausalKey(method: $0.method, effect: $0.effect) }).map { key in
    let rows = task.faithfulness.filter { $0.method == key.method && $0.effect == key.effect }
    return Table(
      title:
        "Faithfulness on \(key.effect), \(task.task), other components replaced by \(key.method) (CPR: higher is "
        + "better; CMD: lower is better)",
      rows: rows,
      notes: rows.filter { !$0.missing.isEmpty }
        .map { "\($0.ranking): no curve for \(missingText($0.missing))" },
      faithfulnessFields(task.task))
  }
}

/// `faithfulness`: all rankings, interventions and effects.
func faithfulnessFile(_ task: RigorousSummary.TaskFindings) -> Table {
  Table(
    "faithfulness", title: "Faithfulness", rows: task.faithfulness, isShown: false,
    faithfulnessFields(task.task))
}

private func faithfulnessFields(_ task: String) -> [Table.Field<FaithfulnessSummary>] {
  [
    .file("task") { _ in .text(task) },
    .file("intervention") { .text($0.method) }, .file("metric") { .text($0.effect) },
    .both("ranking", .left) { .text($0.ranking) },
    .shown("n") { .count($0.cpr.count) },
    .mean("CPR", key: "cpr", digits: 3) { $0.cpr },
    .mean("CPR over random", key: "cpr_above_random", digits: 3) { $0.cprAboveRandom },
    .mean("CPR at MIB's sizes", key: "mib_cpr", digits: 3) { $0.mibCPR },
    .mean("CMD at MIB's sizes", key: "mib_cmd", digits: 3) { $0.mibCMD },
    .mean("CMD", key: "cmd", digits: 3) { $0.cmd },
  ]
}

/// `faithfulness_curves`: the mean faithfulness for every number of components kept.
func curvesFile(_ task: RigorousSummary.TaskFindings) -> Table {
  Table(
    "faithfulness_curves", title: "Faithfulness curves",
    rows: task.faithfulness.flatMap { row in
      row.curve.enumerated().map { (row: row, kept: $0.offset, value: $0.element) }
    }, isShown: false,
    [
      .file("task") { _ in .text(task.task) },
      .file("intervention") { .text($0.row.method) }, .file("metric") { .text($0.row.effect) },
      .file("ranking") { .text($0.row.ranking) }, .file("kept") { .count($0.kept) },
      .file("faithfulness") { .number($0.value) },
    ])
}

/// Joint ablation compared with the sum of single ablations.
func jointTable(_ task: RigorousSummary.TaskFindings) -> Table {
  Table(
    "redundancy",
    title:
      "Mean ablation of all heroes, or all bloats, together against the sum of their single effects, \(task.task) "
      + "(ratio: Fieller's interval)",
    rows: task.redundancy.sets,
    notes: task.redundancy.sets.flatMap { $0.notes(of: $0.set) },
    [
      .file("task") { _ in .text(task.task) },
      .both("set", .left) { .text($0.set) },
      .both("effect", key: "metric", .left) { .text($0.effect) },
      .both("n", key: "seeds") { .count($0.seeds) },
      .mean("joint", digits: 3) { $0.joint },
      .mean("sum of single effects", key: "sum_of_singles", digits: 3) { $0.sumOfSingles },
      .interval("ratio of means", key: "ratio") { .estimate($0.ratio, $0.ratioInterval, digits: 2) },
      .mean("joint in distribution", key: "in_distribution", digits: 3) { $0.inDistribution },
    ])
}

extension JointRow {
  /// What readers of a table of such rows should know of this one.
  ///
  /// - Parameter subject: what the row is about.
  func notes(of subject: String) -> [String] {
    (singletons > 0
      ? ["\(subject), \(effect): \(NumberText.seeds(singletons)) with a single component excluded"] : [])
      + (ratioReason.map { ["\(subject), \(effect): no interval: \($0)"] } ?? [])
  }
}

/// The strongest interactions of two components.
func pairsTable(_ task: RigorousSummary.TaskFindings) -> Table {
  Table(
    "pair_interactions",
    title:
      "The strongest interactions of two components, \(task.task) (selected by size, so their intervals are too narrow)",
    rows: task.redundancy.pairs,
    [
      .file("task") { _ in .text(task.task) },
      .both("effect", key: "metric", .left) { .text($0.effect) },
      .component("first") { $0.first },
      .component("second") { $0.second },
      .shown("n") { .count($0.interaction.count) },
      .mean("interaction", digits: 4) { $0.interaction },
    ])
}

/// The Shapley values of components, one column for each effect.
func shapleyTable(_ task: RigorousSummary.TaskFindings) -> Table {
  let rows = task.redundancy.shapley
  return Table(
    title: "Shapley values, mean over seeds, \(task.task)", rows: firstSeen(rows.map(\.component)),
    [.component("component") { $0 }]
      + firstSeen(rows.map(\.effect)).map { effect in
        .shown(effect) { component in
          .estimate(rows.first { $0.component == component && $0.effect == effect }?.value, digits: 4)
        }
      })
}

/// `shapley`.
func shapleyFile(_ task: RigorousSummary.TaskFindings) -> Table {
  Table(
    "shapley", title: "Shapley values", rows: task.redundancy.shapley, isShown: false,
    [
      .file("task") { _ in .text(task.task) }, .file("metric") { .text($0.effect) },
      .file("component") { .text($0.component) }, .mean(key: "value") { $0.value },
    ])
}
