import ArgumentParser
import Export
import Foundation
import Records
import Report

/// Options for writing a report in other programs' forms as well.
struct ReportExports: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Also write all tables into an SQLite database; replaces only a file that causalgap made.", valueName: "file"))
  var sqlite: String?

  /// Whether records are needed for more than the report.
  var isEmpty: Bool { sqlite == nil }

  /// What to write, checked before any work.
  ///
  /// - Throws: `UsageError`, `ExportError` for a place that must not be replaced.
  func targets() throws -> ExportTargets {
    ExportTargets(database: try sqlite.map { try ReportDatabase(at: path($0, "--sqlite")) })
  }
}

/// The places of what is written beside a report.
struct ExportTargets {
  var database: ReportDatabase?

  /// - Parameters:
  ///   - tables: those of the report.
  ///   - studies: the studies of the report; a study alone has no name.
  func write(_ tables: [Table], _ studies: [ExportedStudy]) throws {
    try database?.write(tables, longTables(studies))
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
