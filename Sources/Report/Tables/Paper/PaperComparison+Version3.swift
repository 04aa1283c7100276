/// All heroes, and all bloats, ablated together; `nil` without a record that has it.
func jointAblationsTable(_ task: TaskSummary, _ paper: PaperTables) -> Table? {
  guard let found = task.version3 else { return nil }
  let theirs = PaperTables.name(ofTask: task.task) == PaperTables.sorting ? paper.laterVersions["v3"] : nil
  let note = theirs.flatMap { version in
    version.jointBloatsLoss.map {
      "The paper, version 3: all bloats together cost \(NumberText.fixed($0, digits: 3)), and their single effects sum to "
        + "\(NumberText.fixed(version.sumOfBloatsLoss, digits: 3)); it does not say under which ablation."
    }
  }
  return Table(
    "joint_ablations-\(task.task)",
    title:
      "All heroes, or all bloats, ablated together against the sum of their single effects, \(task.task)",
    rows: found.joint, notes: [note].compactMap(\.self),
    [
      .both("set", .left) { .text($0.set) },
      .both("ablation", key: "intervention", .left) { .text($0.measure) },
      .both("n", key: "seeds") { .count($0.seeds) },
      .shown("together") { .spread($0.joint.mean, $0.joint.std, digits: 3) },
      .shown("sum") { .spread($0.sumOfSingles.mean, $0.sumOfSingles.std, digits: 3) },
      .file("joint_mean") { .number($0.joint.mean) }, .file("joint_std") { .number($0.joint.std) },
      .file("sum_mean") { .number($0.sumOfSingles.mean) }, .file("sum_std") { .number($0.sumOfSingles.std) },
      .both("ratio", key: "ratio") { .number($0.ratio, digits: 1) },
    ])
}

/// Heroes and bloats by layer at the thresholds of version 3, and the size of gradients; `nil` without a record that has it.
func classLayersTable(_ task: TaskSummary, _ paper: PaperTables) -> Table? {
  guard let found = task.version3 else { return nil }
  let isPapers = PaperTables.name(ofTask: task.task) == PaperTables.sorting
  let theirs = isPapers ? paper.laterVersions["v3"] : nil
  func cell(_ value: Int?) -> Cell { .count(value) }
  return Table(
    "class_layers-\(task.task)",
    title: "Heroes and bloats by layer, at rank differences of 4, 6 and 8, over all seeds, \(task.task)",
    rows: found.layers,
    notes: theirs == nil
      ? [] : ["The paper, version 3, at 6, where it says so; it does not say under which ablation."],
    [
      .both("ablation", key: "intervention", .left) { .text($0.measure) },
      .both("layer") { .count($0.layer) },
      .both("4", key: "heroes_4", group: "heroes") { cell($0.heroes[0]) },
      .both("6", key: "heroes_6", group: "heroes") { cell($0.heroes[1]) },
      .both("8", key: "heroes_8", group: "heroes") { cell($0.heroes[2]) },
      .shown("paper", group: "heroes") { cell(theirs?.heroesByLayer?["\($0.layer)"]) },
      .both("4", key: "bloats_4", group: "bloats") { cell($0.bloats[0]) },
      .both("6", key: "bloats_6", group: "bloats") { cell($0.bloats[1]) },
      .both("8", key: "bloats_8", group: "bloats") { cell($0.bloats[2]) },
      .shown("paper", group: "bloats") { cell(theirs?.bloatsByLayer?["\($0.layer)"]) },
      .both("ours", key: "head_gradient", group: "norm of a head's gradient") {
        .number($0.headGradient, digits: 3)
      },
      .shown("paper", group: "norm of a head's gradient") {
        .number(theirs?.gradientByLayer?["\($0.layer)"], digits: 3)
      },
    ])
}
