/// Table 1.
func alignmentTable(_ summary: Summary, _ paper: PaperTables) -> Table {
  func theirs(_ task: TaskSummary) -> PaperTables.RhoRow? {
    paper.alignment[PaperTables.name(ofTask: task.task)]
  }
  return Table(
    title:
      "Table 1. Rank correlation of gradient and causal importance, mean ± std over seeds (divides by n)",
    rows: summary.tasks,
    [
      .shown("task", .left) { .text($0.task) },
      .shown("n") { .count($0.alignment.count) },
      .shown("ours", group: "rho") { .spread($0.alignment.rhoMean, $0.alignment.shownStd, digits: 3) },
      .shown("paper", group: "rho") { .spread(theirs($0)?.rhoMean, theirs($0)?.rhoStd, digits: 3) },
      .shown("ours", group: "range of rho") { .range($0.alignment.rhoMin, $0.alignment.rhoMax) },
      .shown("paper", group: "range of rho") { .range(theirs($0)?.rhoMin, theirs($0)?.rhoMax) },
      .shown("ours", group: "heroes") { .count($0.alignment.heroes) },
      .shown("paper", group: "heroes") { .count(theirs($0)?.heroes) },
      .shown("ours", group: "bloats") { .count($0.alignment.bloats) },
      .shown("paper", group: "bloats") { .count(theirs($0)?.bloats) },
    ])
}

/// Table 1 of the same models under each ablation; `nil` if only one was recorded.
func measuresTable(_ summary: Summary) -> Table? {
  guard summary.tasks.contains(where: { $0.measures.count > 1 }) else { return nil }
  let rows = summary.tasks.flatMap { task in
    task.measures.sorted { $0.key < $1.key }.map { (task: task, name: $0.key, ours: $0.value) }
  }
  let agreements = summary.tasks.flatMap { task in
    task.agreements.filter { $0.count > 0 }.map { pair in
      "\(task.task): Spearman correlation of \(pair.first)- and \(pair.second)-ablation rankings: "
        + "\(NumberText.plusMinus(pair.rhoMean, pair.rhoStd, digits: 3)); rho under \(pair.first) minus rho under "
        + "\(pair.second): \(NumberText.plusMinus(pair.differenceMean, pair.differenceStd, digits: 3)) "
        + "(\(NumberText.seeds(pair.differenceCount)), std divides by n − 1)"
    }
  }
  return Table(
    title:
      "The same models under each ablation (*: the protocol's own; published: after W_O; mean: before W_O)",
    rows: rows, notes: agreements,
    [
      .shown("task", .left) { .text($0.task.task) },
      .shown("ablation", .left) { .text($0.name).marked($0.name == $0.task.causalMeasure ? " *" : "") },
      .shown("n") { .count($0.ours.count) },
      .shown("rho") { .spread($0.ours.rhoMean, $0.ours.shownStd, digits: 3) },
      .shown("range of rho") { .range($0.ours.rhoMin, $0.ours.rhoMax) },
      .shown("heroes") { .count($0.ours.heroes) },
      .shown("bloats") { .count($0.ours.bloats) },
    ])
}

/// `table1`: our numbers under each ablation, and the paper's.
func alignmentFile(_ summary: Summary, _ paper: PaperTables) -> Table {
  struct Row {
    var task, source: String
    var ablation: String?
    var isOwn: Bool?
    var seeds, undefined: Int
    var rhoMean, rhoStd, rhoMin, rhoMax: Double?
    var heroes, bloats: Int
  }
  let rows = summary.tasks.flatMap { task -> [Row] in
    let ours = task.measures.sorted { $0.key < $1.key }.map { name, row in
      Row(
        task: task.task, source: "ours", ablation: name, isOwn: name == task.causalMeasure, seeds: row.count,
        undefined: row.undefined, rhoMean: row.rhoMean, rhoStd: row.rhoStd, rhoMin: row.rhoMin,
        rhoMax: row.rhoMax, heroes: row.heroes, bloats: row.bloats)
    }
    let theirs = paper.alignment[PaperTables.name(ofTask: task.task)].map { row in
      Row(
        task: task.task, source: "paper", seeds: paper.seeds.count, undefined: 0, rhoMean: row.rhoMean,
        rhoStd: row.rhoStd, rhoMin: row.rhoMin, rhoMax: row.rhoMax, heroes: row.heroes, bloats: row.bloats)
    }
    return ours + [theirs].compactMap(\.self)
  }
  return Table(
    "table1", title: "Table 1", rows: rows, isShown: false, isAlwaysWritten: true,
    [
      .file("task") { .text($0.task) }, .file("source") { .text($0.source) },
      .file("intervention") { .text($0.ablation) }, .file("is_own") { .flag($0.isOwn) },
      .file("seeds") { .count($0.seeds) }, .file("rho_undefined") { .count($0.undefined) },
      .file("rho_mean") { .number($0.rhoMean) }, .file("rho_std") { .number($0.rhoStd) },
      .file("rho_min") { .number($0.rhoMin) }, .file("rho_max") { .number($0.rhoMax) },
      .file("heroes") { .count($0.heroes) }, .file("bloats") { .count($0.bloats) },
    ])
}
