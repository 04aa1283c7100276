/// Tables 1–6 with the paper's numbers next to ours, and the files `table1` … `table6` and `components`.
///
/// All of our numbers come from the records; a missing number is "–".
package func paperTables(_ summary: Summary, _ paper: PaperTables) -> [Table] {
  let files = [
    alignmentFile(summary, paper), pruningFile(summary, paper), frequencyFile(summary, paper),
    seedFile("table4", summary, paper, PaperTables.sorting),
    seedFile("table5", summary, paper, PaperTables.reversal), bloatPruningFile(summary, paper),
  ]
  guard !summary.tasks.isEmpty else {
    return [heading(summary, paper), Table(title: "No run has finished yet.", notes: [])] + files
  }
  return [heading(summary, paper), alignmentTable(summary, paper), measuresTable(summary)].compactMap(\.self)
    + [pruningTable(summary, paper)]
    + summary.tasks.map { frequencyTable($0, paper) }
    + summary.tasks.map { seedTable($0, paper) }
    + summary.tasks.compactMap { bloatPruningTable($0, paper) }
    + summary.tasks.flatMap {
      [jointAblationsTable($0, paper), classLayersTable($0, paper)].compactMap(\.self)
    }
    + files
}

/// What made the numbers, and what a reader must know before believing them.
private func heading(_ summary: Summary, _ paper: PaperTables) -> Table {
  var notes: [String] = []
  if let name = summary.protocolName {
    notes.append("Protocol: \(name)   Devices: \(summary.devices.joined(separator: ", "))")
  }
  if let configuration = summary.configuration, configuration.quick {
    notes.append("QUICK: at most \(configuration.maxSteps) steps, not the paper's settings")
  }
  if !summary.tasks.isEmpty {
    notes.append("A hero matters more when ablated than its gradient suggests; a bloat matters less.")
  }
  notes += summary.tasks.map { seedLine($0, wanted: paper.seeds.count) }
  return Table(title: "Paper: \(paper.source)", notes: notes)
}

private func seedLine(_ task: TaskSummary, wanted: Int) -> String {
  func list(_ seeds: [Int]) -> String { seeds.map(String.init).joined(separator: ", ") }
  var parts = ["\(task.task): \(NumberText.seeds(task.seeds.count))"]
  if !task.outsideWindow.isEmpty {
    parts.append(
      "\(task.outsideWindow.count) outside the accuracy window, excluded (\(list(task.outsideWindow)))")
  }
  if !task.unconverged.isEmpty {
    parts.append("\(task.unconverged.count) not converged (\(list(task.unconverged)))")
  }
  if task.alignment.undefined > 0 { parts.append("\(task.alignment.undefined) without a rho") }
  let kept = task.seeds.count - task.outsideWindow.count
  if kept < wanted {
    parts.append("FEW SEEDS: \(kept) counted, the paper has \(wanted)")
  }
  return parts.joined(separator: "; ")
}
