import Records

/// `components`: one row for each component of each run under each ablation, with one column for each recorded gradient score. Runs
/// outside the window are included; the column `in_window` marks them.
package func componentsTable(_ runs: [RunRecord]) -> Table {
  let runs = runs.map(\.withDefinedClasses)
  struct Row {
    var run: RunRecord
    var component: RunRecord.ComponentRecord
    var ablation: String
    var ranking: RunRecord.ComponentRecord.Ranking
  }
  let rows = runs.sorted { ($0.task, $0.seed) < ($1.task, $1.seed) }.flatMap { run in
    run.components.flatMap { component in
      component.measures.sorted { $0.key < $1.key }.map {
        Row(run: run, component: component, ablation: $0.key, ranking: $0.value)
      }
    }
  }
  let scores = Set(runs.flatMap(\.components).flatMap(\.gradient.keys)).sorted()
  let start: [Table.Field<Row>] = [
    .file("protocol") { .text($0.run.protocolName) }, .file("task") { .text($0.run.task) },
    .file("seed") { .count($0.run.seed) }, .file("in_window") { .flag($0.run.ood.inWindow) },
    .file("component") { .text($0.component.name) }, .file("layer") { .count($0.component.layer) },
    .file("head") { .count($0.component.head) },
  ]
  let gradients = scores.map { score in
    Table.Field<Row>.file("gradient_\(score)") { .number($0.component.gradient[score]) }
  }
  let end: [Table.Field<Row>] = [
    .file("gradient_rank") { .number($0.component.gradientRank) }, .file("ablation") { .text($0.ablation) },
    .file("protocols_own") { .flag($0.ablation == $0.run.causalMeasure) },
    .file("causal") { .number($0.component.causal[$0.ablation]) },
    .file("causal_rank") { .number($0.ranking.causalRank) }, .file("delta") { .number($0.ranking.delta) },
    .file("class") { .text($0.ranking.componentClass.rawValue) },
  ]
  return Table(
    "components", title: "Components", rows: rows, isShown: false, isAlwaysWritten: true,
    start + gradients + end)
}
