/// Tables 4 and 5: one row per seed. A seed outside the window is marked, and only its length and accuracy are shown.
func seedTable(_ task: TaskSummary, _ paper: PaperTables) -> String {
  let groups = ["length", "accuracy", "rho", "heroes", "bloats"]
  var table = TableText(
    columns: [.init("seed")]
      + groups.flatMap { [.init("ours", group: $0), .init("paper", group: $0)] })
  let theirs = paper.bySeed(task: task.task)
  for row in task.bySeed {
    let other = theirs.first { $0.seed == row.seed }
    let mark = row.inWindow ? "" : "!"
    let kept: SeedRow? = row.inWindow ? row : nil
    table.rows.append([
      "\(row.seed)", "\(row.oodLength)\(mark)", NumberText.count(other?.oodLength),
      NumberText.fixed(row.oodAccuracy, digits: 2), NumberText.fixed(other?.oodAccuracy, digits: 2),
      NumberText.fixed(kept?.rho, digits: 3), NumberText.fixed(other?.rho, digits: 3),
      NumberText.count(kept?.heroes), NumberText.count(other?.heroes),
      NumberText.count(kept?.bloats), NumberText.count(other?.bloats),
    ])
  }
  var notes: [String] = []
  if !task.outsideWindow.isEmpty {
    notes.append(
      "! no length in the accuracy window: excluded from the other tables; its scores are in summary.json\n")
  }
  for row in task.bySeed {
    if row.inWindow, row.rho == nil {
      notes.append("seed \(row.seed): no rho: \(row.rhoReason ?? "no reason recorded")\n")
    }
  }
  if !theirs.isEmpty {
    notes.append(
      "The same seed gives the same data and initial weights but not the same model: compare distributions, not rows.\n"
    )
  }
  let title =
    switch PaperTables.name(ofTask: task.task) {
    case "sorting": "Table 4"
    case "reversal": "Table 5"
    default: "By seed"
    }
  return "\(title). Out-of-distribution length and accuracy, rho, heroes and bloats, \(task.task)\n"
    + table.render() + notes.joined()
}
