/// The rigorous protocol's tables as text for a terminal, the verdicts last.
package func rigorousTables(_ summary: RigorousSummary) -> String {
  var sections = ["What the rigorous protocol measured besides. Brackets hold 95 % intervals over seeds.\n"]
  for task in summary.tasks {
    sections.append(heading(task))
    sections +=
      [scoresText(task), contrastsText(task), reliabilityText(task)].compactMap(\.self) + matricesText(task)
    sections += [flipsText(task), decompositionText(task.task, task.decomposition)]
    sections += faithfulnessText(task)
    sections += [jointText(task), pairsText(task), shapleyText(task)].compactMap(\.self)
    sections += [classesText(task), lengthsText(task), predictionText(task)].compactMap(\.self)
  }
  sections += [
    ladderText(summary.ladder), comparisonText(summary), causalComparisonText(summary), verdictsText(summary),
  ].compactMap(\.self)
  return sections.joined(separator: "\n")
}

private func heading(_ task: RigorousSummary.TaskFindings) -> String {
  var text = "== \(task.task): \(NumberText.seeds(task.seeds.count)), \(task.samples) samples ==\n"
  if !task.outsideWindow.isEmpty {
    let seeds = task.outsideWindow.map(String.init).joined(separator: ", ")
    text += "Outside the accuracy window and counted here: \(seeds)\n"
  }
  if task.seeds.count < 6 { text += "FEW SEEDS: nothing is claimed below six\n" }
  return text
}

/// Reasons of missing seeds, numbers in them left out so that like ones come together: `3 seeds: …`.
func missingText(_ missing: [MissingSeed]) -> String {
  let kinds = missing.map { $0.reason.replacing(/-?[0-9]+(\.[0-9]+)?(e-?[0-9]+)?/, with: "…") }
  return Frequency.order(Dictionary(kinds.map { ($0, 1) }, uniquingKeysWith: +))
    .map { "\(NumberText.seeds($0.count)): \($0.name)" }.joined(separator: "; ")
}
