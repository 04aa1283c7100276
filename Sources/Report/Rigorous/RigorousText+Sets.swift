/// How well the highest-ranked components of each ranking do alone; one table for each intervention and
/// effect.
func faithfulnessText(_ task: RigorousSummary.TaskFindings) -> [String] {
  struct Key: Hashable { var method, effect: String }
  return firstSeen(task.faithfulness.map { Key(method: $0.method, effect: $0.effect) }).map { key in
    var table = TableText(columns: [
      .init("ranking", .left), .init("n"), .init("CPR"), .init("CPR over random"), .init("CMD"),
    ])
    var notes: [String] = []
    for row in task.faithfulness where row.method == key.method && row.effect == key.effect {
      table.rows.append([
        row.ranking, "\(row.cpr.count)", NumberText.interval(row.cpr, digits: 3),
        row.cprAboveRandom.map { NumberText.interval($0, digits: 3) } ?? "",
        NumberText.interval(row.cmd, digits: 3),
      ])
      if !row.missing.isEmpty { notes.append("\(row.ranking): no curve for \(missingText(row.missing))\n") }
    }
    return
      "Faithfulness on \(key.effect), \(task.task), other components replaced by \(key.method) (CPR: higher is "
      + "better; CMD: lower is better)\n" + table.render() + notes.joined()
  }
}

/// Joint ablation compared with the sum of single ablations.
func jointText(_ task: RigorousSummary.TaskFindings) -> String? {
  guard !task.redundancy.sets.isEmpty else { return nil }
  var table = TableText(columns: [
    .init("set", .left), .init("effect", .left), .init("n"), .init("joint"), .init("sum of single effects"),
    .init("ratio of means"), .init("joint in distribution"),
  ])
  var notes: [String] = []
  for row in task.redundancy.sets {
    table.rows.append([
      row.set, row.effect, "\(row.seeds)", NumberText.interval(row.joint, digits: 3),
      NumberText.interval(row.sumOfSingles, digits: 3),
      NumberText.interval(row.ratio, row.ratioInterval, digits: 2),
      NumberText.interval(row.inDistribution, digits: 3),
    ])
    if row.singletons > 0 {
      notes.append(
        "\(row.set), \(row.effect): \(NumberText.seeds(row.singletons)) with a single component excluded\n")
    }
    if let reason = row.ratioReason { notes.append("\(row.set), \(row.effect): no interval: \(reason)\n") }
  }
  return
    "Mean ablation of all heroes, or all bloats, together against the sum of their single effects, \(task.task) "
    + "(ratio: Fieller's interval)\n" + table.render() + notes.joined()
}

/// The strongest interactions of two components.
func pairsText(_ task: RigorousSummary.TaskFindings) -> String? {
  guard !task.redundancy.pairs.isEmpty else { return nil }
  var table = TableText(columns: [
    .init("effect", .left), .init("first", .left), .init("second", .left), .init("n"), .init("interaction"),
  ])
  for row in task.redundancy.pairs {
    table.rows.append([
      row.effect, row.first, row.second, "\(row.interaction.count)",
      NumberText.interval(row.interaction, digits: 4),
    ])
  }
  return
    "The strongest interactions of two components, \(task.task) (selected by size, so their intervals are too narrow)\n"
    + table.render()
}

/// The Shapley values of components, one column for each effect.
func shapleyText(_ task: RigorousSummary.TaskFindings) -> String? {
  let rows = task.redundancy.shapley
  let effects = firstSeen(rows.map(\.effect))
  guard !rows.isEmpty else { return nil }
  var table = TableText(columns: [.init("component", .left)] + effects.map { .init($0) })
  for component in firstSeen(rows.map(\.component)) {
    table.rows.append(
      [component]
        + effects.map { effect in
          rows.first { $0.component == component && $0.effect == effect }
            .map { NumberText.interval($0.value, digits: 4) } ?? ""
        })
  }
  return "Shapley values, mean over seeds, \(task.task)\n" + table.render()
}
