/// Tables 1–6 as text for a terminal, with the paper's numbers next to ours.
///
/// All of our numbers come from the records; a missing number is "–".
package func paperTables(_ summary: Summary, _ paper: PaperTables) -> String {
  var sections = [heading(summary, paper)]
  guard !summary.tasks.isEmpty else { return sections[0] + "\nNo run has finished yet.\n" }
  sections.append(alignmentTable(summary, paper))
  if let measures = measuresTable(summary) { sections.append(measures) }
  sections.append(pruningTable(summary, paper))
  sections += summary.tasks.map { frequencyTable($0, paper) }
  sections += summary.tasks.map { seedTable($0, paper) }
  sections += summary.tasks.compactMap { bloatPruningTable($0, paper) }
  return sections.joined(separator: "\n")
}

/// What made the numbers, and what a reader must know before believing them.
private func heading(_ summary: Summary, _ paper: PaperTables) -> String {
  var lines = ["Paper: \(paper.source)"]
  if let name = summary.protocolName {
    lines.append("Protocol: \(name)   Devices: \(summary.devices.joined(separator: ", "))")
  }
  if let configuration = summary.configuration, configuration.quick {
    lines.append("QUICK: at most \(configuration.maxSteps) steps, not the paper's settings")
  }
  if !summary.tasks.isEmpty {
    lines.append("A hero matters more when ablated than its gradient suggests; a bloat matters less.")
  }
  for task in summary.tasks {
    lines.append(seedLine(task, wanted: paper.seeds.count))
  }
  return lines.map { $0 + "\n" }.joined()
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
