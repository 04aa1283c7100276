/// Table 1.
func alignmentTable(_ summary: Summary, _ paper: PaperTables) -> String {
  var table = TableText(columns: [
    .init("task", .left), .init("n"),
    .init("ours", group: "rho"), .init("paper", group: "rho"),
    .init("ours", group: "range of rho"), .init("paper", group: "range of rho"),
    .init("ours", group: "heroes"), .init("paper", group: "heroes"),
    .init("ours", group: "bloats"), .init("paper", group: "bloats"),
  ])
  for task in summary.tasks {
    let ours = task.alignment
    let theirs = paper.alignment[PaperTables.name(ofTask: task.task)]
    table.rows.append([
      task.task, "\(ours.count)",
      NumberText.plusMinus(ours.rhoMean, ours.rhoStd, digits: 3),
      NumberText.plusMinus(theirs?.rhoMean, theirs?.rhoStd, digits: 3),
      NumberText.range(ours.rhoMin, ours.rhoMax, digits: 2),
      NumberText.range(theirs?.rhoMin, theirs?.rhoMax, digits: 2),
      "\(ours.heroes)", NumberText.count(theirs?.heroes),
      "\(ours.bloats)", NumberText.count(theirs?.bloats),
    ])
  }
  return "Table 1. Rank correlation of gradient and causal importance, mean ± std over seeds (divides by n)\n"
    + table.render()
}

/// Table 1 of the same models under each ablation; `nil` if only one was recorded.
func measuresTable(_ summary: Summary) -> String? {
  guard summary.tasks.contains(where: { $0.measures.count > 1 }) else { return nil }
  var table = TableText(columns: [
    .init("task", .left), .init("ablation", .left), .init("n"), .init("rho"), .init("range of rho"),
    .init("heroes"), .init("bloats"),
  ])
  var agreements: [String] = []
  for task in summary.tasks {
    for (name, ours) in task.measures.sorted(by: { $0.key < $1.key }) {
      table.rows.append([
        task.task, name + (name == task.causalMeasure ? " *" : ""), "\(ours.count)",
        NumberText.plusMinus(ours.rhoMean, ours.rhoStd, digits: 3),
        NumberText.range(ours.rhoMin, ours.rhoMax, digits: 2), "\(ours.heroes)", "\(ours.bloats)",
      ])
    }
    for pair in task.agreements where pair.count > 0 {
      let difference = NumberText.plusMinus(pair.differenceMean, pair.differenceStd, digits: 3)
      agreements.append(
        "\(task.task): Spearman correlation of \(pair.first)- and \(pair.second)-ablation rankings: "
          + "\(NumberText.plusMinus(pair.rhoMean, pair.rhoStd, digits: 3)); rho under \(pair.first) "
          + "minus rho under \(pair.second): \(difference) (\(NumberText.seeds(pair.differenceCount)), "
          + "std divides by n − 1)\n")
    }
  }
  return
    "The same models under each ablation (*: the protocol's own; published: after W_O; mean: before W_O)\n"
    + table.render() + agreements.joined()
}
