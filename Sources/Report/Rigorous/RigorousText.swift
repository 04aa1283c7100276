import Errors

/// The tables of the rigorous protocol as text for a terminal. The verdicts come last.
package func rigorousTables(_ summary: RigorousSummary) -> String {
  var sections = [
    "Further measurements of the rigorous protocol. Brackets hold 95 % confidence intervals over seeds.\n"
  ]
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
  var text =
    "== \(task.task): \(NumberText.seeds(task.seeds.count)), \(counted(task.samples, "sample")) ==\n"
  if !task.outsideWindow.isEmpty {
    let seeds = task.outsideWindow.map(String.init).joined(separator: ", ")
    text += "Outside the accuracy window, but counted here: \(seeds)\n"
  }
  if task.seeds.count < 6 { text += "FEW SEEDS: nothing is claimed with fewer than six\n" }
  return text
}

/// The reasons why seeds have no value, with the number of seeds for each: `3 seeds: …`. Numbers within the
/// reasons are replaced by dots, so that equal reasons are counted together.
func missingText(_ missing: [MissingSeed]) -> String {
  let kinds = missing.map { $0.reason.replacing(/-?[0-9]+(\.[0-9]+)?(e-?[0-9]+)?/, with: "…") }
  return Frequency.order(Dictionary(kinds.map { ($0, 1) }, uniquingKeysWith: +))
    .map { "\(NumberText.seeds($0.count)): \($0.name)" }.joined(separator: "; ")
}
