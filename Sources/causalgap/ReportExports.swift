import ArgumentParser
import Export
import Foundation
import Records
import Report

/// Options for writing a report in other programs' forms as well.
struct ReportExports: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Also write all tables into an SQLite database; replaces only a file that causalgap made.",
      valueName: "file"))
  var sqlite: String?
  @Option(
    help: ArgumentHelp(
      "Also write event files for TensorBoard: a run for each seed, and mean and spread over seeds.",
      valueName: "folder"))
  var tensorboard: String?

  @Option(
    help: ArgumentHelp(
      "Also write every ranking of every run as a circuit file of the benchmark MIB.", valueName: "folder"))
  var circuits: String?

  /// Whether records are needed for more than the report.
  var isEmpty: Bool { sqlite == nil && tensorboard == nil && circuits == nil }

  /// What to write, checked before any work.
  ///
  /// - Throws: `UsageError`, `ExportError` for a place that must not be replaced.
  func targets() throws -> ExportTargets {
    let events = try tensorboard.map { try path($0, "--tensorboard") }
    let files = try circuits.map { try path($0, "--circuits") }
    for folder in [events, files].compactMap(\.self) { _ = try StudyFolder.exists(folder) }
    return ExportTargets(
      database: try sqlite.map { try ReportDatabase(at: path($0, "--sqlite")) },
      events: events.map(TensorBoard.init), circuits: files.map(Circuits.init))
  }
}

/// The places of what is written beside a report.
struct ExportTargets {
  var database: ReportDatabase?
  var events: TensorBoard?
  var circuits: Circuits?

  /// - Parameters:
  ///   - tables: those of the report.
  ///   - studies: the studies of the report; a study alone has no name.
  func write(_ tables: [Table], _ studies: [ExportedStudy]) throws {
    try database?.write(tables, longTables(studies))
    for study in studies {
      let name = study.name.isEmpty ? nil : Self.folder(study.name)
      try events?.write(study.records, of: study.folder, as: name)
      try circuits?.write(study.records, as: name)
    }
  }

  /// A name for a folder: that of a study may be a path.
  private static func folder(_ name: String) -> String {
    String(name.replacing("/", with: "_").drop { "._".contains($0) })
  }

  private func longTables(_ studies: [ExportedStudy]) -> [LongTable] {
    Report.longTables(studies.map { StudyRecords(folder: $0.name, records: $0.records) })
  }
}

/// A study of a report.
struct ExportedStudy {
  /// Its name in the files over all runs; empty if it is the only one.
  var name: String
  var folder: StudyFolder
  var records: [RunRecord]
}
