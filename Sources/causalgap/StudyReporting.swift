import Errors
import Foundation
import Records
import Report

/// The report of one study as commands make it: files in its folder, and its tables or its summary for a reader.
struct StudyReporting {
  var folder: StudyFolder
  var figureWidth = Figure.columnWidth
  private let display = ReportDisplay()

  init(_ folder: StudyFolder, figureWidth: Double = Figure.columnWidth) {
    self.folder = folder
    self.figureWidth = figureWidth
  }

  /// The summary of all records of the folder, or of some, and the report on one screen; the files that follow from
  /// them are in the folder then.
  ///
  /// What the folder holds already is not made again.
  func made(of records: [RunRecord]? = nil) throws -> (summary: Summary, brief: String) {
    defer { Console.clearBar() }
    let stamp = try ReportStamp(for: folder, runs: records, figureWidth: figureWidth)
    if let brief = stamp?.keptBrief(in: folder), let kept = try? Summary.read(from: folder.summary) {
      explain("report: nothing has changed in \(folder.url.path) since its last report, which is kept")
      return (kept, brief)
    }
    let work = display.work
    let records = try records ?? read()
    let summary = try Summary(records, failures: folder.failures(), draws: ReportDraws(work: work))
    let report = try StudyReport(summary, runs: records, losses: LossCurve.read(records, in: folder))
    try writeReport(unless: folder.reasonNotToWriteReport()) {
      try report.write(to: folder, figureWidth: figureWidth, stamp: stamp, work: work)
    }
    explain("report: \(counted(records.count, "record")) of \(folder.url.path): \(display.times)")
    return (summary, report.brief)
  }

  /// Makes the report and prints it, or its summary as JSON.
  ///
  /// - Returns: the summary.
  @discardableResult
  func print(of records: [RunRecord]? = nil, _ detail: ReportDetail, json: Bool) throws -> Summary {
    let (summary, brief) = try made(of: records)
    if json {
      try printJSON(summary)
      return summary
    }
    Swift.print(brief)
    if detail.full {
      Swift.print(try StudyReport(summary, runs: []).text)
    } else {
      Swift.print("All tables: causalgap report \(folder.url.relativePath) --full")
    }
    Swift.print("Folder:     \(folder.url.path)\nPage:       \(folder.report.path)")
    if let rigorous = try rigorous() {
      Swift.print("\nThe same models, measured as rigorous does:\n")
      try rigorous.print(detail, json: false)
    }
    return summary
  }

  /// The study beside this one that has the rigorous measures of its models, if it has any.
  func rigorous() throws -> StudyReporting? {
    try folder.rigorous.hasRecords() ? StudyReporting(folder.rigorous, figureWidth: figureWidth) : nil
  }

  /// All records of the folder.
  ///
  /// - Throws: `RecordError`, also for a folder without records; it then names study folders below.
  func read() throws -> [RunRecord] {
    let work = display.work
    let records = try folder.readRecords(
      expect: { work.expect($0, in: .reading) }, finish: { work.finish() })
    guard !records.isEmpty else {
      throw RecordError.folder(path: folder.url.path, reason: "it holds no finished run" + (try hint))
    }
    return records
  }

  /// Why a folder may hold no finished run.
  private var hint: String {
    get throws {
      let below = folder.studiesBelow().prefix(3).map(\.url.path)
      guard below.isEmpty else { return "; did you mean \(below.joined(separator: " or "))?" }
      let failures = try folder.failures()
      guard let first = failures.first else { return "" }
      let name = "\(first.task), seed \(first.seed)"
      return "; \(failures.count) failed, the first of them \(name): \(first.reason)"
    }
  }
}
