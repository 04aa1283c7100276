import ArgumentParser
import Errors
import Foundation
import Records
import Report
import Sweep

struct ReportCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract:
      "Rebuilds tables, figures and the page (report.html) of a study folder or a sweep; compares several folders.",
    discussion: examples(
      "causalgap report results/rigorous --open",
      "causalgap report layers-2 layers-4 layers-8 --output depths",
      "causalgap report results/rigorous --in-window --output in-window")
  )

  @Argument(help: ArgumentHelp("The study's folder; several are compared.", valueName: "folder"))
  var folders: [String]
  @Option(
    help: ArgumentHelp(
      "Where the comparison of several goes, or the report of a part; a comparison goes into the folder above the first by default.",
      valueName: "folder"))
  var output: String?
  @Option(
    help: ArgumentHelp(
      "The width of the files in figures/, from 2 to 12; their text keeps its 8 points.", valueName: "inches")
  )
  var figureWidth = Figure.columnWidth / 72
  @OptionGroup(title: "A part of a study") var part: PartFlags
  @OptionGroup(title: "Other programs") var exports: ReportExports
  @OptionGroup(title: "Output") var detail: ReportDetail
  @Flag(help: "Print the summary, or the comparison, as JSON.") var json = false
  @Flag(help: "Open the page in a browser at the end: $BROWSER, or the desktop's own.") var open = false
  @OptionGroup(title: "Messages") var messages: MessageFlags

  private var points: Double { 72 * figureWidth }

  mutating func run() throws {
    let page = try report()
    if open { PageOpener().open(page) }
  }

  /// - Returns: the page.
  private func report() throws -> URL {
    guard (2...12).contains(figureWidth) else {
      throw UsageError("--figure-width must be from 2 to 12 inches, not \(figureWidth)")
    }
    let targets = try exports.targets()
    let studies = try folders.map { StudyFolder(try path($0, "a study's folder")) }
    let target = try output.map { try path($0, "--output") }
    if part.isGiven { return try reportPart(of: studies, to: target, targets) }
    let sweep = SweepFolder(studies[0].url)
    if studies.count == 1, output == nil, try FileKind.of(sweep.planFile) != nil {
      let (tables, studies) = try mergeSweep(
        sweep, sweep.readPlan(), allowsMixedVersions: false, figureWidth: points, json: json)
      try targets.write(tables, studies)
      return StudyFolder(sweep.url).report
    }
    guard studies.count > 1 else {
      guard output == nil else {
        throw UsageError(
          "--output needs two folders or more, or a part of one (--seeds, --without-seeds, --in-window); the report of one is written into it"
        )
      }
      let report = StudyReporting(studies[0], figureWidth: points)
      let records = exports.isEmpty ? nil : try report.read()
      let summary = try report.print(of: records, detail, json: json)
      if let records {
        try targets.write(
          StudyReport(summary, runs: []).tables,
          [ExportedStudy(name: "", folder: studies[0], records: records)])
      }
      return studies[0].report
    }
    try refuseRepetition(studies)
    return try compare(studies, to: target, targets)
  }

  /// Reports some runs of one study into a folder of its own.
  private func reportPart(
    of studies: [StudyFolder], to target: URL?, _ exports: ExportTargets
  ) throws -> URL {
    guard studies.count == 1, let target else {
      throw UsageError(
        "--seeds, --without-seeds and --in-window need one study and --output, the folder for the report of that part"
      )
    }
    let (study, place) = (studies[0], StudyFolder(target))
    let records = try part.selected(of: StudyReporting(study).read(), in: study)
    guard try FileKind.of(place.runs) == nil else {
      throw RecordError.folder(path: target.path, reason: "it is a study's folder; --output needs another")
    }
    try place.create()
    let summary = try Summary(records)
    let report = try StudyReport(summary, runs: records, losses: LossCurve.read(records, in: study))
    try report.write(to: place, figureWidth: points)
    if json { try printJSON(summary) } else { print(detail.full ? report.text : report.brief) }
    say("report: \(counted(records.count, "run")) of \(study.url.path) in \(place.url.path)")
    try exports.write(
      report.tables, [ExportedStudy(name: "", folder: study, records: records)])
    return place.report
  }

  /// Compares studies. Nothing is written before all folders are known to be comparable.
  ///
  /// - Parameter target: the folder for the comparison; nil for the folder above the first study, if it is
  ///   writable.
  private func compare(
    _ studies: [StudyFolder], to target: URL?, _ exports: ExportTargets
  ) throws -> URL {
    let reports = studies.map { StudyReporting($0, figureWidth: points) }
    let records = try reports.map { try $0.read() }
    for (study, records) in zip(studies, records) {
      do {
        try Summary.check(records)
      } catch let error as SummaryError {
        throw RecordError.folder(path: study.url.path, reason: "\(error)")
      }
    }
    let named = zip(folders, records).map { StudyRecords(folder: $0, records: $1) }
    let failures = try zip(named, studies).flatMap { named, study in
      try study.failures().map {
        RunFailure(study: named.folder, task: $0.task, seed: $0.seed, reason: $0.reason)
      }
    }
    if let (one, other) = Self.parts(of: named) {
      say(
        "note: \(one) and \(other) have the same settings and no run in common. Here they are compared; to report their seeds "
          + "together, copy the runs of one folder into the other: cp -rn \(other)/runs/. \(one)/runs/")
    }
    let report = AcrossReport(try AcrossStudies(named), of: named, failures: failures)
    let place = StudyFolder(target ?? Self.above(studies))
    let reason = try target == nil ? place.reasonNotToWriteReport() : nil
    if reason == nil { try place.create() }
    for (report, records) in zip(reports, records) { _ = try report.made(of: records) }
    if let reason {
      complain("report: the comparison was not written: \(reason); --output names another folder")
    } else {
      try report.write(to: place, figureWidth: points)
      say("report: comparison in \(place.url.path)")
    }
    if json { try printJSON(report.across) } else { print(report.text, terminator: "") }
    try exports.write(
      report.tables,
      zip(named, studies).map { ExportedStudy(name: $0.folder, folder: $1, records: $0.records) })
    return place.report
  }

  /// The first two folders that are parts of one study, which are easily compared by mistake.
  private static func parts(of studies: [StudyRecords]) -> (String, String)? {
    for (place, one) in studies.enumerated() {
      for other in studies.dropFirst(place + 1) where one.canBePooled(with: other) {
        return (one.folder, other.folder)
      }
    }
    return nil
  }

  private static func above(_ studies: [StudyFolder]) -> URL {
    studies.first.map { $0.url.standardizedFileURL.deletingLastPathComponent() } ?? URL(fileURLWithPath: ".")
  }

  private func refuseRepetition(_ studies: [StudyFolder]) throws {
    var seen: Set<String> = []
    for (name, study) in zip(folders, studies) {
      let path = study.url.standardizedFileURL.resolvingSymlinksInPath().path
      guard seen.insert(path).inserted else {
        throw UsageError("the folder \(name) is named twice")
      }
    }
  }
}
