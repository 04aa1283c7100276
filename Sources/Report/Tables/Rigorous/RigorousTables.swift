import Errors

/// All tables of a study: those of the paper, then those of the rigorous protocol if there are any.
package func studyTables(_ summary: Summary, _ paper: PaperTables) -> [Table] {
  paperTables(summary, paper) + [leftOutTable(summary)] + (summary.rigorous.map(rigorousTables) ?? [])
}

/// The tables of the rigorous protocol, and their files. The verdicts come last.
package func rigorousTables(_ summary: RigorousSummary) -> [Table] {
  [
    Table(
      title:
        "Further measurements of the rigorous protocol. Brackets hold 95 % confidence intervals over seeds.",
      notes: [])
  ] + summary.tasks.flatMap(taskTables) + [
    ladderTable(summary.ladder), comparisonTable(summary), causalComparisonTable(summary),
    verdictsTable(summary),
  ]
}

private func taskTables(_ task: RigorousSummary.TaskFindings) -> [Table] {
  [
    heading(task), scoresFile(task), scoresTable(task), contrastsTable(task), choiceTable(task),
    varianceTable(task),
    reliabilityTable(task),
  ]
    + matrixTables(task) + [flipsTable(task), decompositionTable(task.task, task.decomposition)]
    + faithfulnessTables(task) + [
      faithfulnessFile(task), curvesFile(task), jointTable(task), pairsTable(task),
    ]
    + [shapleyTable(task), shapleyFile(task), classesTable(task), lengthsTable(task), predictionTable(task)]
}

private func heading(_ task: RigorousSummary.TaskFindings) -> Table {
  var notes: [String] = []
  if !task.outsideWindow.isEmpty {
    let seeds = task.outsideWindow.map(String.init).joined(separator: ", ")
    notes.append("Outside the accuracy window, but counted here: \(seeds)")
  }
  if task.seeds.count < 6 { notes.append("FEW SEEDS: nothing is claimed with fewer than six") }
  return Table(
    title: "== \(task.task): \(NumberText.seeds(task.seeds.count)), \(counted(task.samples, "sample")) ==",
    notes: notes)
}

/// The reasons why seeds have no value, with the number of seeds for each: `3 seeds: …`. Numbers within the
/// reasons are replaced by dots, so that equal reasons are counted together.
func missingText(_ missing: [MissingSeed]) -> String {
  let kinds = missing.map { $0.reason.replacing(/-?[0-9]+(\.[0-9]+)?(e-?[0-9]+)?/, with: "…") }
  return Frequency.order(Dictionary(kinds.map { ($0, 1) }, uniquingKeysWith: +))
    .map { "\(NumberText.seeds($0.count)): \($0.name)" }.joined(separator: "; ")
}

/// A p-value. A note explains the mark of a test that claims nothing.
func pCell(_ test: TestSummary) -> Cell {
  .number(test.pValue, digits: 4).marked(test.isSignificant == nil ? " *" : "")
}
