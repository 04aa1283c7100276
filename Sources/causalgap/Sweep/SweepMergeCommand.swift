import ArgumentParser
import Errors
import Foundation
import Records
import Report
import Sweep

struct SweepMergeCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "One summary of a whole sweep, grouped by setting; what is not done yet is left out, and said.",
    discussion: """
      Each setting's study folder gets its summary, tables and figures; the sweep's folder gets the settings side by \
      side, with a curve over every setting that has numbers.
      """ + "\n\n"
        + examples(
          "causalgap sweep merge depths"))

  @Argument(help: "The sweep's folder.") var folder: String
  @Flag(help: "Summarise records of several versions of the program together.") var allowMixedVersions = false
  @Flag(help: "Print as JSON.") var json = false
  @OptionGroup(title: "Messages") var messages: MessageFlags

  mutating func run() throws {
    let folder = SweepFolder(try path(folder, "the sweep's folder"))
    try mergeSweep(
      folder, folder.readPlan(), allowsMixedVersions: allowMixedVersions, json: json)
  }
}

/// Summarises a sweep: each study in its own folder, all side by side in the sweep's.
///
/// - Returns: the sweep's tables and studies.
@discardableResult
func mergeSweep(
  _ folder: SweepFolder, _ plan: SweepPlan, allowsMixedVersions: Bool,
  figureWidth: Double = Figure.columnWidth,
  json: Bool
) throws -> ([Table], [ExportedStudy]) {
  let found = try SweepRecords(folder, plan, allowsMixedVersions: allowsMixedVersions)
  guard found.count > 0 else {
    throw SweepError.incomplete("the sweep has no finished run yet: \(folder.url.path)")
  }
  for note in found.notes { say("note: \(note)") }
  let missing =
    found.count < plan.runCount ? ["\(found.count) of \(plan.runCount) runs are done"] : []
  for note in missing { say("note: \(note)") }
  let studies = found.studies.map { setting, records in
    ExportedStudy(
      name: found.studies.count > 1 ? setting.name : "", folder: folder.study(setting), records: records)
  }
  var summaries: [Summary] = []
  for (setting, records) in found.studies {
    let report = StudyReporting(folder.study(setting), figureWidth: figureWidth)
    summaries.append(try report.made(of: records).summary)
    if let rigorous = try report.rigorous() { _ = try rigorous.made() }
  }
  let place = StudyFolder(folder.url)
  guard let across = try found.across() else {
    // One setting is the whole sweep.
    if let (setting, records) = found.studies.first, found.studies.count == 1 {
      try writeReport(unless: place.reasonNotToWriteReport()) {
        let losses = LossCurve.read(records, in: folder.study(setting))
        try StudyReport(summaries[0], runs: records, losses: losses).write(
          to: place, figureWidth: figureWidth)
        say("merge: \(counted(found.count, "run")) of one setting; tables in \(folder.url.path)")
      }
    }
    if json {
      try printJSON(summaries)
    } else {
      for summary in summaries { print(try StudyReport(summary, runs: []).text) }
    }
    let tables = summaries.count == 1 ? try StudyReport(summaries[0], runs: []).tables : []
    return (tables, studies)
  }
  let pages = Dictionary(
    uniqueKeysWithValues: found.studies.map { setting, _ in
      let name = setting.name.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed)
      return (setting.name, "studies/\(name ?? setting.name)/report.html")
    })
  let failures = try SweepScan(folder, plan).standings(plan.runs).compactMap { run, report in
    [.failed, .lost].contains(report.status)
      ? RunFailure(
        study: plan.settings[run.setting].name, task: run.task, seed: run.seed,
        reason: report.cause ?? report.status.rawValue) : nil
  }
  let report = AcrossReport(
    across, of: studies.map { StudyRecords(folder: $0.name, records: $0.records) },
    notes: found.notes + missing, pages: pages, failures: failures)
  let obstacle = try place.reasonNotToWriteReport()
  if obstacle == nil {
    try report.write(to: place, figureWidth: figureWidth)
    try across.write(to: place.summary)
    say(
      "merge: \(counted(found.count, "run")) in \(found.studies.count) settings; tables and figures in \(folder.url.path)"
    )
  }
  if json { try printJSON(across) } else { print(report.text, terminator: "") }
  if let obstacle { throw SweepError.incomplete("the summary was not written: \(obstacle)") }
  return (report.tables, studies)
}
