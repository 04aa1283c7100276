import Records

/// `components.csv`: one row for each component of each run under each ablation, with one column for each recorded
/// gradient score. Runs outside the window are included; the column `in_window` marks them.
func componentsCSV(_ runs: [RunRecord]) -> CSV {
  let scores = Set(runs.flatMap(\.components).flatMap(\.gradient.keys)).sorted()
  var csv = CSV(
    ["protocol", "task", "seed", "in_window", "component", "layer", "head"]
      + scores.map { "gradient_\($0)" }
      + ["gradient_rank", "ablation", "protocols_own", "causal", "causal_rank", "delta", "class"])
  for run in runs.sorted(by: { ($0.task, $0.seed) < ($1.task, $1.seed) }) {
    for component in run.components {
      let start: [CSV.Field] =
        [
          .init(run.protocolName), .init(run.task), .init(run.seed), .init(run.ood.inWindow),
          .init(component.name), .init(component.layer), .init(component.head),
        ] + scores.map { .init(component.gradient[$0]) } + [.init(component.gradientRank)]
      for (name, ranking) in component.measures.sorted(by: { $0.key < $1.key }) {
        csv.append(
          start + [
            .init(name), .init(name == run.causalMeasure), .init(component.causal[name]),
            .init(ranking.causalRank), .init(ranking.delta), .init(ranking.componentClass.rawValue),
          ])
      }
    }
  }
  return csv
}
