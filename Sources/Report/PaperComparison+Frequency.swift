/// Table 3: the five components that are most often heroes, and most often bloats, with their numbers of seeds.
func frequencyTable(_ task: TaskSummary, _ paper: PaperTables) -> String {
  let isPapers = PaperTables.name(ofTask: task.task) == PaperTables.sorting
  let heroes = isPapers ? Frequency.order(paper.sortingFrequency.heroes) : []
  let bloats = isPapers ? Frequency.order(paper.sortingFrequency.bloats) : []
  var table = TableText(columns: [
    .init("ours", group: "heroes", .left), .init("paper", group: "heroes", .left),
    .init("ours", group: "bloats", .left), .init("paper", group: "bloats", .left),
  ])
  let columns = [task.heroFrequency, heroes, task.bloatFrequency, bloats].map { Array($0.prefix(5)) }
  let height = max(1, columns.map(\.count).max() ?? 0)
  table.rows = (0..<height).map { row in
    columns.map { row < $0.count ? "\($0[row].name) \($0[row].count)" : "" }
  }
  return "\(isPapers ? "Table 3" : "As Table 3"). Most frequent heroes and bloats, \(task.task) "
    + "(number of seeds)\n" + table.render()
}
