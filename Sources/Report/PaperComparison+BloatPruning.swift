/// Table 6; `nil` for a task for which neither the paper nor the records have it.
func bloatPruningTable(_ task: TaskSummary, _ paper: PaperTables) -> String? {
  let isPapers = PaperTables.name(ofTask: task.task) == PaperTables.sorting
  guard isPapers || task.bloatPruning != nil else { return nil }
  let title = "Table 6. In-distribution accuracy with all bloats ablated together, \(task.task)\n"
  guard let ours = task.bloatPruning else { return title + "Not measured.\n" }
  var table = TableText(
    columns: [.init("seed")]
      + ["bloats", "baseline", "pruned"].flatMap {
        [.init("ours", group: $0), .init("paper", group: $0)]
      })
  for row in ours.rows {
    let other = isPapers ? paper.bloatPruning.first { $0.seed == row.seed } : nil
    table.rows.append([
      "\(row.seed)", "\(row.bloats.count)", NumberText.count(other?.bloats),
      NumberText.fixed(row.idBase, digits: 2), NumberText.fixed(other?.idBase, digits: 2),
      NumberText.fixed(row.idPruned, digits: 2), NumberText.fixed(other?.idPruned, digits: 2),
    ])
  }
  let mean = NumberText.plusMinus(ours.dropMean, ours.dropStd, digits: 3)
  let theirs =
    isPapers ? NumberText.plusMinus(paper.meanDrop.mean, paper.meanDrop.std, digits: 3) : TableText.nothing
  return title + table.render()
    + "Mean loss of accuracy: ours \(mean) (\(NumberText.seeds(ours.count))), paper \(theirs) (std divides by n − 1)\n"
}
