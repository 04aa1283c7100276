/// One row of Table 2.
private struct PruningRow {
  var task, source: String
  var seed: Int?
  var baseline, pruneHeroes, pruneBloats: Double?
  var heroes: [String] = []
  var bloats: [String] = []

  /// Ours, if any run was pruned.
  init?(_ task: TaskSummary) {
    guard let ours = task.pruning else { return nil }
    (self.task, source, seed) = (task.task, "ours", ours.seed)
    let result = ours.result
    (baseline, pruneHeroes, pruneBloats) = (result.baseline, result.pruneHeroes, result.pruneBloats)
    (heroes, bloats) = (result.heroes, result.bloats)
  }

  init(withoutResult task: String) { (self.task, source) = (task, "ours") }

  static func papers(_ paper: PaperTables, _ task: TaskSummary) -> [PruningRow] {
    paper.pruning.filter { $0.task == PaperTables.name(ofTask: task.task) }.map { theirs in
      var row = PruningRow(withoutResult: task.task)
      (row.source, row.seed) = ("paper", theirs.seed)
      (row.baseline, row.pruneHeroes, row.pruneBloats) = (
        theirs.baseline, theirs.pruneHeroes, theirs.pruneBloats
      )
      (row.heroes, row.bloats) = (theirs.heroes, theirs.bloats)
      return row
    }
  }

  static var fields: [Table.Field<PruningRow>] {
    [
      .both("task", .left) { .text($0.task) },
      .both("source", .left) { .text($0.source) },
      .both("seed") { .count($0.seed) },
      .both("baseline") { .number($0.baseline) },
      .both("heroes pruned", key: "prune_heroes") { .number($0.pruneHeroes) },
      .both("bloats pruned", key: "prune_bloats") { .number($0.pruneBloats) },
      .component("heroes") { $0.heroes.joined(separator: " ") },
      .component("bloats") { $0.bloats.joined(separator: " ") },
    ]
  }
}

/// Table 2. Our rows and the paper's follow each other, because they are of different seeds.
func pruningTable(_ summary: Summary, _ paper: PaperTables) -> Table {
  Table(
    title: "Table 2. Out-of-distribution accuracy with two heroes, or two bloats, ablated together",
    rows: summary.tasks.flatMap { task in
      [PruningRow(task) ?? PruningRow(withoutResult: task.task)] + PruningRow.papers(paper, task)
    },
    notes: summary.tasks.compactMap { task in
      task.pruning.map {
        "\(task.task): mean loss of accuracy with heroes pruned \(dropText($0.heroes)), with bloats pruned "
          + dropText($0.bloats)
      }
    }, PruningRow.fields)
}

/// `table2`.
func pruningFile(_ summary: Summary, _ paper: PaperTables) -> Table {
  Table(
    "table2", title: "Table 2",
    rows: summary.tasks.flatMap { [PruningRow($0)].compactMap(\.self) + PruningRow.papers(paper, $0) },
    isShown: false, isAlwaysWritten: true, PruningRow.fields)
}

private func dropText(_ drop: PruningSummary.Drop) -> String {
  "\(NumberText.plusMinus(drop.mean, drop.std, digits: 3)) (\(NumberText.seeds(drop.count)))"
}
