/// The numbers of the paper's versions beside ours.
func laterVersionsTable(_ summary: Summary, _ paper: PaperTables) -> Table {
  struct Row {
    var what: String
    var ours, first, second, third: Cell
  }
  func row(_ what: String, _ ours: Cell, _ first: Cell, _ later: (PaperTables.LaterVersion) -> Cell) -> Row {
    func cell(_ version: String) -> Cell { paper.laterVersions[version].map(later) ?? .missing }
    return Row(what: what, ours: ours, first: first, second: cell("v2"), third: cell("v3"))
  }
  func task(_ name: String) -> TaskSummary? {
    summary.tasks.first { PaperTables.name(ofTask: $0.task) == name }
  }
  func ours(_ name: String) -> Cell {
    let found = task(name)?.alignment
    return .spread(found?.rhoMean, found?.shownStd, digits: 2)
  }
  func first(_ name: String) -> Cell {
    .spread(paper.alignment[name]?.rhoMean, paper.alignment[name]?.rhoStd, digits: 2)
  }
  let (sorting, heroes) = (PaperTables.sorting, task(PaperTables.sorting)?.pruning?.heroes)
  let one = paper.pruning.first { $0.task == sorting }
  return Table(
    title: "The paper's versions, and ours (± standard deviation over seeds)",
    rows: [
      row("mean rho, reversal", ours(PaperTables.reversal), first(PaperTables.reversal)) {
        .spread($0.rhoReversal, $0.rhoReversalStd, digits: 2)
      },
      row("mean rho, sorting", ours(sorting), first(sorting)) {
        .spread($0.rhoSorting, $0.rhoSortingStd, digits: 2)
      },
      row(
        "lowest rho, sorting", .number(task(sorting)?.alignment.rhoMin, digits: 2),
        .number(paper.alignment[sorting]?.rhoMin, digits: 2)
      ) { .number($0.rhoMin, digits: 2) },
      row(
        "accuracy lost without heroes, sorting", .spread(heroes?.mean, heroes?.std, digits: 2),
        .number(one.map { $0.baseline - $0.pruneHeroes }, digits: 2)
      ) { .spread($0.heroesLoss, $0.heroesLossStd, digits: 2) },
    ],
    notes: [
      "Version 1 prunes one model. Version 2 divides a gradient's norm by the square root of the number of parameters; its loss, and that of "
        + "version 3, are the abstracts'."
    ],
    [
      .shown("what", .left) { .text($0.what) }, .shown("ours") { $0.ours }, .shown("version 1") { $0.first },
      .shown("version 2") { $0.second }, .shown("version 3") { $0.third },
    ])
}
