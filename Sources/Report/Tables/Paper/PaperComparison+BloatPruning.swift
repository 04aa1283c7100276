/// Table 6; `nil` for a task for which neither the paper nor the records have it.
func bloatPruningTable(_ task: TaskSummary, _ paper: PaperTables) -> Table? {
  let isPapers = PaperTables.name(ofTask: task.task) == PaperTables.sorting
  guard isPapers || task.bloatPruning != nil else { return nil }
  let title = "Table 6. In-distribution accuracy with all bloats ablated together, \(task.task)"
  guard let ours = task.bloatPruning else { return Table(title: title, notes: ["Not measured."]) }
  let mean = NumberText.plusMinus(ours.dropMean, ours.dropStd, digits: 3)
  let papersMean =
    isPapers ? NumberText.plusMinus(paper.meanDrop.mean, paper.meanDrop.std, digits: 3) : TableText.nothing
  return Table(
    title: title,
    rows: ours.rows.map { row in
      (ours: row, theirs: isPapers ? paper.bloatPruning.first { $0.seed == row.seed } : nil)
    },
    notes: [
      "Mean loss of accuracy: ours \(mean) (\(NumberText.seeds(ours.count))), paper \(papersMean) (std divides by n − 1)"
    ],
    [
      .shown("seed") { .count($0.ours.seed) },
      .shown("ours", group: "bloats") { .count($0.ours.bloats.count) },
      .shown("paper", group: "bloats") { .count($0.theirs?.bloats) },
      .shown("ours", group: "baseline") { .number($0.ours.idBase, digits: 2) },
      .shown("paper", group: "baseline") { .number($0.theirs?.idBase, digits: 2) },
      .shown("ours", group: "pruned") { .number($0.ours.idPruned, digits: 2) },
      .shown("paper", group: "pruned") { .number($0.theirs?.idPruned, digits: 2) },
    ])
}

/// `table6`.
func bloatPruningFile(_ summary: Summary, _ paper: PaperTables) -> Table {
  struct Row {
    var task, source: String
    var seed, bloats: Int
    var names: String?
    var idBase, idPruned: Double?
  }
  let rows = summary.tasks.flatMap { task -> [Row] in
    let ours = (task.bloatPruning?.rows ?? []).map { row in
      Row(
        task: task.task, source: "ours", seed: row.seed, bloats: row.bloats.count,
        names: row.bloats.joined(separator: " "), idBase: row.idBase, idPruned: row.idPruned)
    }
    guard PaperTables.name(ofTask: task.task) == PaperTables.sorting else { return ours }
    return ours
      + paper.bloatPruning.map { row in
        Row(
          task: task.task, source: "paper", seed: row.seed, bloats: row.bloats, idBase: row.idBase,
          idPruned: row.idPruned)
      }
  }
  return Table(
    "table6", title: "Table 6", rows: rows, isShown: false, isAlwaysWritten: true,
    [
      .file("task") { .text($0.task) }, .file("source") { .text($0.source) },
      .file("seed") { .count($0.seed) },
      .file("bloats") { .count($0.bloats) }, .file("names") { .text($0.names) },
      .file("id_base") { .number($0.idBase) }, .file("id_pruned") { .number($0.idPruned) },
    ])
}
