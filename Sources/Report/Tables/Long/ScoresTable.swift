import Records

/// `scores`: one row for each gradient score of each component of each run, on each distribution of batches.
func scoresTable(_ runs: [NamedRun]) -> LongTable {
  struct Row: Sendable {
    var component: RunRecord.ComponentRecord
    var score: String
    var distribution: String
    var value: Double?
    var first, second: Double?
  }
  typealias Field = LongTable.Field<Row>
  @Sendable func rows(_ run: NamedRun) -> [Row] {
    let record = run.record
    let tables = record.rigorous?.gradients ?? []
    let ood = GradientKey.published.distribution
    let known = Set(tables.filter { $0.distribution == ood }.map(\.score))
    return record.components.enumerated().flatMap { place, component in
      return tables.map { table in
        Row(
          component: component, score: table.score, distribution: table.distribution,
          value: table.values.at(place),
          first: table.first.at(place), second: table.second.at(place))
      }
        + component.gradient.filter { !known.contains($0.key) }.sorted { $0.key < $1.key }.map {
          name, value in
          Row(component: component, score: name, distribution: ood, value: value)
        }
    }
  }
  return LongTable(
    "scores", of: runs, rows: rows,
    Field.identity(runs) + Field.component(\.component) + [
      Field("score", .text) { .of($0.row.score) },
      Field("distribution", .text) { .of($0.row.distribution) },
      Field("value", .real) { .of($0.row.value) },
      Field("value_first_half", .real) { .of($0.row.first) },
      Field("value_second_half", .real) { .of($0.row.second) },
    ])
}
