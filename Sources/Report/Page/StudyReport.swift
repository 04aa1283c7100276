import Foundation
import Records

/// Everything that follows from the records of a study: `summary.json`, tables, figures and the page.
///
/// ```swift
/// let records = try folder.readRecords()
/// let report = try StudyReport(Summary(records), runs: records)
/// print(report.brief)
/// try report.write(to: folder)
/// ```
package struct StudyReport {
  let summary: Summary
  let runs: [RunRecord]
  let paper: PaperTables
  /// The losses of the trainings whose logs are there.
  let losses: [LossCurve]
  /// Whether more runs are to come.
  let isRunning: Bool

  /// - Throws: an error of decoding the paper's tables, which are embedded.
  package init(
    _ summary: Summary, runs: [RunRecord], losses: [LossCurve] = [], isRunning: Bool = false
  ) throws {
    self.summary = summary
    self.runs = runs.map(\.withDefinedClasses).sorted { ($0.task, $0.seed) < ($1.task, $1.seed) }
    self.losses = losses
    self.isRunning = isRunning
    paper = try PaperTables.load()
  }

  package var tables: [Table] { studyTables(summary, paper) }

  var figures: [(name: String, figure: Figure?)] {
    studyFigures(summary, runs, paper, losses: losses)
  }

  /// The tables as text for a terminal.
  package var text: String { tables.text }

  /// Writes `summary.json`, `tables/`, `figures/` and `report.html`, each file whole or not at all.
  ///
  /// - Parameters:
  ///   - figureWidth: the width of the files in `figures/`, in points.
  ///   - stamp: is left in the folder at the end, so that the same report is not made again; `nil` leaves none.
  /// - Throws: `RecordError.folder` if a folder cannot be made, `AtomicFileError` if a file cannot be written.
  package func write(
    to folder: StudyFolder, figureWidth: Double = Figure.columnWidth, stamp: ReportStamp? = nil,
    work: ReportWork = .init()
  ) throws {
    ReportStamp.remove(from: folder)
    let long = longTables(runs)
    // A header and the runs of each of these tables take longest.
    work.expect(long.count * (1 + runs.count) + 3, in: .writing)
    try summary.write(to: folder.summary)
    work.finish()
    try writeTables(tables, to: folder.tables)
    try LongTable.write(long, to: folder.tables) { work.finish() }
    try writeFigures(figures, to: folder.figures, width: figureWidth)
    work.finish()
    try page.write(to: folder.report)
    try stamp?.write(brief, to: folder)
    work.finish()
  }
}
