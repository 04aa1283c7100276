import AtomicFile
import Foundation
import Records

/// Writes `tables/across.csv` (one row per study and task), `across_reversal.csv`, `across_depth.csv`,
/// `figures/depth.svg`, `positions.svg`, and a figure for every other setting with numbers, such as
/// `by_learning_rate.svg`. A file is written only if it has content; otherwise the file of
/// an earlier comparison is removed.
///
/// - Throws: `RecordError.folder` if a folder cannot be made, `AtomicFileError` if a file cannot be written.
package func writeAcross(_ across: AcrossStudies, to folder: StudyFolder) throws {
  try StudyFolder.create(folder.tables)
  let tables: [(String, CSV)] = [
    ("across", acrossCSV(across)), ("across_reversal", reversalCSV(across)),
    ("across_depth", depthCSV(across)),
  ]
  for (name, csv) in tables {
    try csv.writeIfFilled(to: folder.tables.appendingPathComponent("\(name).csv"))
  }
  let figures =
    [("depth", depthFigure(across)), ("positions", positionsFigure(across))]
    + numericKeys(across).map { ("by_\($0)", settingFigure(across, along: $0)) }
  if figures.contains(where: { $0.1 != nil }) { try StudyFolder.create(folder.figures) }
  for (name, figure) in figures {
    try writeOrRemove(
      figure?.document, at: folder.figures.appendingPathComponent("\(name).svg"))
  }
}

private func fields(_ across: AcrossStudies, _ settings: [String: Setting]) -> [CSV.Field] {
  names(across).map { .init(settings[$0]?.description) }
}

/// The settings except the folder, which always has a column of its own.
private func names(_ across: AcrossStudies) -> [String] {
  across.settings.filter { $0 != AcrossStudies.folderKey }
}

private func acrossCSV(_ across: AcrossStudies) -> CSV {
  let shares = ["converged", "in_window"].flatMap(header)
  var csv = CSV(
    ["folder"] + names(across) + ["task", "seeds"] + shares
      + (["steps", "accuracy"] + AcrossRho.allCases.map { "rho_\($0.rawValue)" })
      .flatMap(header))
  for row in across.rows {
    csv.append(
      [.init(row.folder)] + fields(across, row.settings) + [.init(row.task), .init(row.seeds.count)]
        + [row.converged, row.inWindow].flatMap(fields) + fields(row.steps)
        + fields(row.accuracy) + AcrossRho.allCases.flatMap { fields(row.rho($0)?.mean) })
  }
  return csv
}

private func reversalCSV(_ across: AcrossStudies) -> CSV {
  var csv = CSV(
    ["folder"] + names(across) + ["rho"]
      + ["reversal", "sorting", "difference"].flatMap(header) + [
        "groups_p", "groups_significant", "sign_flip_p", "sign_flip_significant",
      ])
  for row in across.reversalAgainstSorting {
    let found = row.result
    csv.append(
      [.init(row.folder)] + fields(across, row.settings) + [.init(found.rho)]
        + [found.first, found.second, found.paired].flatMap(fields)
        + fields(found.groups) + fields(found.signFlip))
  }
  return csv
}

private func depthCSV(_ across: AcrossStudies) -> CSV {
  let fixed = Set(across.depth.flatMap(\.fixed.keys)).sorted()
  var csv = CSV(
    ["task"] + fixed + ["rho", "layers", "budgets"] + header("correlation")
      + ["sign_flip_p", "significant"])
  for row in across.depth {
    csv.append(
      [.init(row.task)] + fixed.map { .init(row.fixed[$0]?.description) } + [
        .init(row.rho), .init(row.layers.map(String.init).joined(separator: " ")),
        .init(row.budgets.joined(separator: " ")),
      ] + fields(row.trend) + fields(row.test))
  }
  return csv
}

private func fields(_ share: SeedShare) -> [CSV.Field] {
  [.init(share.share)] + fields(share.interval) + [.init(share.seeds)]
}

/// The p-value, and whether the test is significant; that field is empty without a claim.
private func fields(_ test: TestSummary) -> [CSV.Field] {
  [.init(test.pValue), .init(test.isSignificant.map { "\($0)" })]
}

extension AcrossStudies {
  /// Writes the comparison as JSON, whole or not at all.
  package func write(to url: URL) throws { try writeAtomically(RecordCoding.encode(self), to: url) }
}
