/// Table 2. Our rows and the paper's follow each other, because they are of different seeds.
func pruningTable(_ summary: Summary, _ paper: PaperTables) -> String {
  var table = TableText(columns: [
    .init("task", .left), .init("source", .left), .init("seed"), .init("baseline"), .init("heroes pruned"),
    .init("bloats pruned"), .init("heroes", .left), .init("bloats", .left),
  ])
  var notes: [String] = []
  func accuracy(_ value: Double?) -> String { NumberText.fixed(value, digits: 3) }
  for task in summary.tasks {
    if let ours = task.pruning {
      let result = ours.result
      table.rows.append([
        task.task, "ours", "\(ours.seed)", accuracy(result.baseline), accuracy(result.pruneHeroes),
        accuracy(result.pruneBloats), result.heroes.joined(separator: " "),
        result.bloats.joined(separator: " "),
      ])
      notes.append(
        "\(task.task): mean loss of accuracy with heroes pruned \(dropText(ours.heroes)), with bloats pruned "
          + "\(dropText(ours.bloats))\n"
      )
    } else {
      table.rows.append([task.task, "ours"])
    }
    for theirs in paper.pruning where theirs.task == PaperTables.name(ofTask: task.task) {
      table.rows.append([
        task.task, "paper", "\(theirs.seed)", accuracy(theirs.baseline), accuracy(theirs.pruneHeroes),
        accuracy(theirs.pruneBloats), theirs.heroes.joined(separator: " "),
        theirs.bloats.joined(separator: " "),
      ])
    }
  }
  return "Table 2. Out-of-distribution accuracy with two heroes, or two bloats, ablated together\n"
    + table.render() + notes.joined()
}

private func dropText(_ drop: PruningSummary.Drop) -> String {
  "\(NumberText.plusMinus(drop.mean, drop.std, digits: 3)) (\(NumberText.seeds(drop.count)))"
}
