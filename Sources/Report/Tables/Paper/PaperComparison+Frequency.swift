/// Table 3: the five components that are most often heroes, and most often bloats, with their numbers of seeds.
func frequencyTable(_ task: TaskSummary, _ paper: PaperTables) -> Table {
  let theirs = papersFrequency(task, paper)
  let columns = [task.heroFrequency, theirs.heroes, task.bloatFrequency, theirs.bloats].map {
    Array($0.prefix(5))
  }
  func cell(_ column: Int) -> (Int) -> Cell {
    { row in
      .text(row < columns[column].count ? "\(columns[column][row].name) \(columns[column][row].count)" : nil)
    }
  }
  let isPapers = PaperTables.name(ofTask: task.task) == PaperTables.sorting
  return Table(
    title:
      "\(isPapers ? "Table 3" : "As Table 3"). Most frequent heroes and bloats, \(task.task) (number of seeds)",
    rows: Array(0..<max(1, columns.map(\.count).max() ?? 0)),
    [
      .shownComponent("ours", group: "heroes", cell(0)), .shownComponent("paper", group: "heroes", cell(1)),
      .shownComponent("ours", group: "bloats", cell(2)), .shownComponent("paper", group: "bloats", cell(3)),
    ])
}

/// `table3`: all frequencies.
func frequencyFile(_ summary: Summary, _ paper: PaperTables) -> Table {
  let rows = summary.tasks.flatMap { task in
    let theirs = papersFrequency(task, paper)
    return [
      ("ours", "hero", task.heroFrequency), ("ours", "bloat", task.bloatFrequency),
      ("paper", "hero", theirs.heroes), ("paper", "bloat", theirs.bloats),
    ].flatMap { source, kind, found in
      found.map { (task: task.task, source: source, kind: kind, found: $0) }
    }
  }
  return Table(
    "table3", title: "Table 3", rows: rows, isShown: false, isAlwaysWritten: true,
    [
      .file("task") { .text($0.task) }, .file("source") { .text($0.source) },
      .file("class") { .text($0.kind) },
      .file("component") { .text($0.found.name) }, .file("seeds") { .count($0.found.count) },
    ])
}

/// The paper's frequencies, which are those of its sorting task; empty for other tasks.
private func papersFrequency(
  _ task: TaskSummary, _ paper: PaperTables
) -> (heroes: [Frequency], bloats: [Frequency]) {
  guard PaperTables.name(ofTask: task.task) == PaperTables.sorting else { return ([], []) }
  return (Frequency.order(paper.sortingFrequency.heroes), Frequency.order(paper.sortingFrequency.bloats))
}
