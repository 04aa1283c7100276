import Records

/// `rhos`: one row for each run, gradient score, intervention and metric: the rank correlation over components.
func rhosTable(_ runs: [NamedRun]) -> LongTable {
  typealias Field = LongTable.Field<RunRecord.ScoreCorrelation>
  /// The correlations of a record; of one that has none, rho under every ablation.
  @Sendable func rows(_ run: NamedRun) -> [RunRecord.ScoreCorrelation] {
    let record = run.record
    if let rigorous = record.rigorous { return rigorous.correlations }
    return record.measures.sorted { $0.key < $1.key }.map { name, measure in
      RunRecord.ScoreCorrelation(
        score: record.gradientScore, distribution: GradientKey.published.distribution, method: name,
        effect: RecordNames.Effect.exactMatch, rho: measure.rho, corrected: nil, interval: nil,
        reason: measure.rhoReason)
    }
  }
  return LongTable(
    "rhos", of: runs, rows: rows,
    Field.identity(runs) + [
      Field("score", .text) { .of($0.row.score) },
      Field("distribution", .text) { .of($0.row.distribution) },
      Field("intervention", .text) { .of($0.row.method) },
      Field("metric", .text) { .of($0.row.effect) },
      Field("rho", .real) { .of($0.row.rho) },
      Field("corrected", .real) { .of($0.row.corrected) },
      Field("corrected_lower", .real) { .of($0.row.interval?.lower) },
      Field("corrected_upper", .real) { .of($0.row.interval?.upper) },
      Field("reason", .text) { .of($0.row.reason) },
    ])
}
