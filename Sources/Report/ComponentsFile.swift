import Records

/// `components.csv`: a row for every component of every run under every ablation, with a column for each gradient
/// score recorded. Runs outside the window are in it, told apart by `in_window`.
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
