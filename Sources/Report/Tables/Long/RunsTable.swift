import Records

/// `runs`: one row for each run: how it was made, how training went, and rho under every intervention.
func runsTable(_ runs: [NamedRun]) -> LongTable {
  typealias Field = LongTable.Field<Row>
  @Sendable func rows(_ run: NamedRun) -> [Row] {
    let settings = try? RecordedSettings(
      protocolName: run.record.protocolName, configuration: run.record.configuration)
    return [Row(record: run.record, settings: settings?.values ?? [:])]
  }
  let settings = runs.flatMap(rows).map(\.settings)
  let keys = Set(settings.flatMap(\.keys)).subtracting(["protocol"]).sorted()
  let interventions = Set(runs.flatMap(\.record.measures.keys)).sorted()
  return LongTable(
    "runs", of: runs, rows: rows,
    Field.identity(runs) + [
      Field("device", .text) { .of($0.row.record.device.selector) },
      Field("device_name", .text) { .of($0.row.record.device.name) },
      Field("version", .text) { .of($0.row.record.versions["causalgap"]) },
    ]
      + keys.map { key in
        Field(key, kind(of: key, settings)) { $0.row.settings[key].map(FileField.init) ?? .empty }
      } + Row.outcome
      + interventions.map { name in
        Field("rho_\(name)", .real) { .of($0.row.record.measures[name]?.rho) }
      } + Row.pruning)
}
/// A run with its settings.
private struct Row: Sendable {
  typealias Field = LongTable.Field<Row>

  var record: RunRecord
  var settings: [String: Setting]

  /// How training went, and the run's own measure.
  static var outcome: [Field] {
    [
      Field("steps", .integer) { .of($0.row.record.training?.steps) },
      Field("converged", .flag) { .of($0.row.record.training?.converged) },
      Field("final_loss", .real) { .of($0.row.record.training?.finalLoss) },
      Field("training_seconds", .real) { .of($0.row.record.training?.seconds) },
      Field("seconds", .real) { .of($0.row.record.timings.values.sorted().reduce(0, +)) },
      Field("ood_length", .integer) { .of($0.row.record.ood.length) },
      Field("ood_accuracy", .real) { .of($0.row.record.ood.accuracy) },
      Field("score", .text) { .of($0.row.record.gradientScore) },
      Field("intervention", .text) { .of($0.row.record.causalMeasure) },
      Field("rho", .real) { .of($0.row.record.rho) },
      Field("rho_reason", .text) { .of($0.row.record.rhoReason) },
      Field("heroes", .integer) { .of($0.row.record.heroes.count) },
      Field("bloats", .integer) { .of($0.row.record.bloats.count) },
    ]
  }

  static var pruning: [Field] {
    [
      Field("accuracy_unpruned", .real) { .of($0.row.record.pruning?.baseline) },
      Field("accuracy_without_heroes", .real) { .of($0.row.record.pruning?.pruneHeroes) },
      Field("accuracy_without_bloats", .real) { .of($0.row.record.pruning?.pruneBloats) },
      Field("notes", .text) { .of($0.row.record.notes.joined(separator: "; ")) },
    ]
  }
}

/// What a setting holds, by the first run that has it.
private func kind(of key: String, _ settings: [[String: Setting]]) -> LongTable.Column.Kind {
  let values = settings.compactMap { $0[key] }
  switch values.first {
  case .flag: return .flag
  case .number: return values.allSatisfy { $0.whole != nil } ? .integer : .real
  case .text, nil: return .text
  }
}

extension FileField {
  /// The value of a setting; a whole number has no decimals.
  fileprivate init(_ setting: Setting) {
    switch setting {
    case .flag(let flag): self = .flag(flag)
    case .number(let number): self = setting.whole.map { .of($0) } ?? .number(number)
    case .text(let text): self = .text(text)
    }
  }
}
