/// Tables 4 and 5: one row per seed. A seed outside the window is marked, and only its length and accuracy are shown.
func seedTable(_ task: TaskSummary, _ paper: PaperTables) -> Table {
  let theirs = paper.bySeed(task: task.task)
  let rows = task.bySeed.map { row in
    (ours: row, kept: row.inWindow ? row : nil, theirs: theirs.first { $0.seed == row.seed })
  }
  var notes: [String] = []
  if !task.outsideWindow.isEmpty {
    notes.append(
      "! no length in the accuracy window: excluded from the other tables; its scores are in summary.json")
  }
  notes += task.bySeed.filter { $0.inWindow && $0.rho == nil }
    .map { "seed \($0.seed): no rho: \($0.rhoReason ?? "no reason recorded")" }
  if !theirs.isEmpty {
    notes.append(
      "The same seed gives the same data and initial weights but not the same model: compare distributions, not rows."
    )
  }
  let title =
    switch PaperTables.name(ofTask: task.task) {
    case PaperTables.sorting: "Table 4"
    case PaperTables.reversal: "Table 5"
    default: "By seed"
    }
  return Table(
    title: "\(title). Out-of-distribution length and accuracy, rho, heroes and bloats, \(task.task)",
    rows: rows, notes: notes,
    [
      .shown("seed") { .count($0.ours.seed) },
      .shown("ours", group: "length") { .count($0.ours.oodLength).marked($0.ours.inWindow ? "" : "!") },
      .shown("paper", group: "length") { .count($0.theirs?.oodLength) },
      .shown("ours", group: "accuracy") { .number($0.ours.oodAccuracy, digits: 2) },
      .shown("paper", group: "accuracy") { .number($0.theirs?.oodAccuracy, digits: 2) },
      .shown("ours", group: "rho") { .number($0.kept?.rho) },
      .shown("paper", group: "rho") { .number($0.theirs?.rho) },
      .shown("ours", group: "heroes") { .count($0.kept?.heroes) },
      .shown("paper", group: "heroes") { .count($0.theirs?.heroes) },
      .shown("ours", group: "bloats") { .count($0.kept?.bloats) },
      .shown("paper", group: "bloats") { .count($0.theirs?.bloats) },
    ])
}

/// `table4` and `table5`: every seed, also those outside the window.
///
/// - Parameter task: the paper's name of the task.
func seedFile(_ name: String, _ summary: Summary, _ paper: PaperTables, _ task: String) -> Table {
  let rows = summary.tasks.filter { PaperTables.name(ofTask: $0.task) == task }.flatMap { task in
    task.bySeed.map { (task: task.task, source: "ours", row: $0) }
      + paper.bySeed(task: task.task).map { (task: task.task, source: "paper", row: SeedRow($0)) }
  }
  return Table(
    name, title: name == "table4" ? "Table 4" : "Table 5", rows: rows, isShown: false, isAlwaysWritten: true,
    [
      .file("task") { .text($0.task) }, .file("source") { .text($0.source) },
      .file("seed") { .count($0.row.seed) }, .file("in_window") { .flag($0.row.inWindow) },
      .file("ood_length") { .count($0.row.oodLength) },
      .file("ood_accuracy") { .number($0.row.oodAccuracy) },
      .file("rho") { .number($0.row.rho) }, .file("heroes") { .count($0.row.heroes) },
      .file("bloats") { .count($0.row.bloats) },
    ])
}
