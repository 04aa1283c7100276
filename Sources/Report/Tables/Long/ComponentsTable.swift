import Records

/// `components`: one row for each component of each run, intervention and metric, with the effect's standard error. Ranks
/// and classes are of the run's own gradient score, where the record has them.
func componentsTable(_ runs: [NamedRun]) -> LongTable {
  struct Row: Sendable {
    var component: RunRecord.ComponentRecord
    var intervention: String
    var metric: String
    var effect: Double?
    var standardError, first, second: Double?
    var ranking: RunRecord.ComponentRecord.Ranking?
  }
  typealias Field = LongTable.Field<Row>
  /// The places of the tables of a record that has all metrics; then every other ablation of a component.
  @Sendable func rows(_ run: NamedRun) -> [Row] {
    let record = run.record
    let tables = record.rigorous?.causal ?? []
    let own = record.ownEffect
    let known = Set(tables.filter { $0.effect == own }.map(\.method))
    return record.components.enumerated().flatMap { place, component in
      return tables.map { table in
        Row(
          component: component, intervention: table.method, metric: table.effect,
          effect: table.values.at(place),
          standardError: table.standardErrors.at(place), first: table.first.at(place),
          second: table.second.at(place),
          ranking: table.effect == own ? component.measures[table.method] : nil)
      }
        + Set(component.measures.keys).union(component.causal.keys).subtracting(known).sorted().map { name in
          Row(
            component: component, intervention: name, metric: own, effect: component.causal[name],
            ranking: component.measures[name])
        }
    }
  }
  return LongTable(
    "components", of: runs, rows: rows,
    Field.identity(runs) + Field.component(\.component) + [
      Field("score", .text) { .of($0.run.record.gradientScore) },
      Field("gradient", .real) { .of($0.row.component.gradient[$0.run.record.gradientScore]) },
      Field("gradient_rank", .real) { .of($0.row.component.gradientRank) },
      Field("intervention", .text) { .of($0.row.intervention) },
      Field("metric", .text) { .of($0.row.metric) },
      Field("is_own", .flag) {
        .of(
          $0.row.intervention == $0.run.record.causalMeasure && $0.row.metric == $0.run.record.ownEffect
        )
      },
      Field("effect", .real) { .of($0.row.effect) },
      Field("standard_error", .real) { .of($0.row.standardError) },
      Field("effect_first_half", .real) { .of($0.row.first) },
      Field("effect_second_half", .real) { .of($0.row.second) },
      Field("causal_rank", .real) { .of($0.row.ranking?.causalRank) },
      Field("delta", .real) { .of($0.row.ranking?.delta) },
      Field("class", .text) { .of($0.row.ranking?.componentClass.rawValue) },
    ])
}

extension RunRecord {
  /// What the effects behind the record's ranks and classes are measured on.
  fileprivate var ownEffect: String { causalEffect ?? RecordNames.Effect.exactMatch }
}
