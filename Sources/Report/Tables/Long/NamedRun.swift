import Records

/// A run in a file over all runs of a study, a comparison or a sweep. It is a class because a record is large, and every field of
/// every row asks for its run.
package final class NamedRun: Sendable {
  /// The study's folder in a comparison, the setting's name in a sweep; `nil` in a study's own files.
  let study: String?
  let record: RunRecord

  private init(study: String?, record: RunRecord) {
    (self.study, self.record) = (study, record)
  }

  /// The runs of one study, by task and seed.
  static func all(_ records: [RunRecord]) -> [NamedRun] { all(nil, records) }

  /// The runs of several studies, study by study. A study without a name is the only one.
  static func all(_ studies: [StudyRecords]) -> [NamedRun] {
    studies.flatMap { all($0.folder.isEmpty ? nil : $0.folder, $0.records) }
  }

  private static func all(_ study: String?, _ records: [RunRecord]) -> [NamedRun] {
    records.map(\.withDefinedClasses).sorted { ($0.task, $0.seed) < ($1.task, $1.seed) }
      .map { NamedRun(study: study, record: $0) }
  }
}

extension LongTable.Field {
  /// The columns by which the files are joined; `study` only where there are several.
  static func identity(_ runs: [NamedRun]) -> [Self] {
    (runs.contains { $0.study != nil } ? [Self("study", .text) { .of($0.run.study) }] : []) + [
      Self("protocol", .text) { .of($0.run.record.protocolName) },
      Self("task", .text) { .of($0.run.record.task) },
      Self("seed", .integer) { .of($0.run.record.seed) },
      Self("in_window", .flag) { .of($0.run.record.ood.inWindow) },
    ]
  }

  /// The columns that name a component.
  static func component(
    _ component: @escaping @Sendable (Row) -> RunRecord.ComponentRecord
  ) -> [Self] {
    [
      Self("component", .text) { .of(component($0.row).name) },
      Self("kind", .text) { .of(component($0.row).head == nil ? "mlp" : "head") },
      Self("layer", .integer) { .of(component($0.row).layer) },
      Self("head", .integer) { .of(component($0.row).head) },
    ]
  }
}

extension FileField {
  static func of(_ text: String?) -> FileField { text.map { $0.isEmpty ? .empty : .text($0) } ?? .empty }
  static func of(_ count: Int?) -> FileField { count.map(FileField.count) ?? .empty }
  static func of(_ number: Double?) -> FileField { number.map(FileField.number) ?? .empty }
  static func of(_ flag: Bool?) -> FileField { flag.map(FileField.flag) ?? .empty }
}
