import AtomicFile
import Foundation
import Records

/// Everything that follows from a comparison of studies: tables, figures and the page.
package struct AcrossReport {
  package let across: AcrossStudies
  /// What a reader should know first: how many runs are missing, several versions, several devices.
  let notes: [String]
  /// The pages of the studies, relative to this one, by folder.
  let pages: [String: String]
  /// The runs of all studies that ended without a record.
  let failures: [RunFailure]
  /// The runs of all studies, for the files over all runs.
  let studies: [StudyRecords]

  package init(
    _ across: AcrossStudies, of studies: [StudyRecords] = [], notes: [String] = [],
    pages: [String: String] = [:], failures: [RunFailure] = []
  ) {
    self.across = across
    self.studies = studies
    self.notes = notes
    self.pages = pages
    self.failures = failures
  }

  package var tables: [Table] { acrossTables(across) + [leftOutTable(failures)] }

  /// The tables as text for a terminal.
  package var text: String { tables.text }

  /// Writes `tables/across.csv` (one row per study and task), `across_reversal.csv`, `across_depth.csv`,
  /// `across_training_variance.csv`, `across_roles.csv`, `left_out.csv`, the same
  /// as JSON Lines, the files over all runs,
  /// `figures/depth.svg`, `positions.svg`, one figure for every other setting with numbers, such as `by_learning_rate.svg`, and
  /// `report.html`. A file is written only if it has content; otherwise that of an earlier comparison is removed.
  ///
  /// - Parameter figureWidth: the width of the files in `figures/`, in points.
  /// - Throws: `RecordError.folder` if a folder cannot be made, `AtomicFileError` if a file cannot be written.
  package func write(to folder: StudyFolder, figureWidth: Double = Figure.columnWidth) throws {
    try writeTables(tables, to: folder.tables)
    if !studies.isEmpty { try LongTable.write(longTables(studies), to: folder.tables) }
    try writeFigures(acrossFigures(across), to: folder.figures, width: figureWidth)
    try page.write(to: folder.report)
  }

  /// The page: what differs between the studies first.
  package var page: Page {
    func named(_ words: String...) -> [Table] {
      tables.filter { table in words.contains { table.title.hasPrefix($0) } }
    }
    let figures = acrossFigures(across).compactMap(\.figure)
    let settings = across.settings.map(Words.of).joined(separator: ", ")
    return Page(
      title: "Gradient and causal importance across \(across.folders.count) studies",
      lead: [
        "The studies differ in \(settings). Brackets hold 95 % confidence intervals over seeds. All seeds count, also those outside the "
          + "accuracy window."
      ],
      warnings: notes
        + (across.quick.isEmpty
          ? [] : ["Cut short, not the full settings: \(across.quick.joined(separator: ", "))."]),
      version: "",
      sections: [
        Page.Section(id: "verdicts", title: "Verdicts", verdicts: verdicts(figures)),
        Page.Section(id: "settings", title: "Rho by setting", figures: figures, tables: named("Mean rho")),
        Page.Section(id: "depth", title: "Depth", tables: named("Depth").filter(\.isShown)),
        Page.Section(
          id: "tasks", title: "Reversal against sorting", tables: named("Reversal").filter(\.isShown)),
        Page.Section(
          id: "trainings", title: "Data or initial parameters",
          tables: named("What moves rho", "Heads' roles")),
        Page.Section(id: "training", title: "Training", tables: named("Training")),
        Page.Section(
          id: "studies", title: "Studies",
          links: pages.sorted { $0.key < $1.key }.map { .init(title: $0.key, target: $0.value) },
          tables: [leftOutTable(failures)]),
      ], data: "{\"tasks\":[]}")
  }

  /// The tests over settings as cards, for the two rhos of the paper; the tables have the others.
  private func verdicts(_ figures: [Figure]) -> [Page.Verdict] {
    let kinds = [AcrossRho.publishedAblation, .meanAblation]
    let depth = kinds.flatMap { kind in
      across.depth.filter { $0.rho == kind.rawValue }.map { row in
        Page.Verdict(
          claim: "rho falls with depth: \(Words.of(row.task))\(Self.words(row.fixed)), \(kind.text)",
          ClaimVerdict.Outcome(row.test.isSignificant == true ? row.trend.mean.map { $0 < 0 } : nil),
          seeds: row.test.seeds,
          numbers:
            "mean rank correlation of layers and rho within a seed \(NumberText.interval(row.trend, digits: 2)); "
            + NumberText.pValue(row.test),
          rule: "two-sided sign-flip test over seeds, p ≤ 0.05, and its sign",
          link: figures.contains { $0.name == "depth" } ? "#figure-depth" : "#depth")
      }
    }
    let tasks = kinds.flatMap { kind in
      across.reversalAgainstSorting.filter { $0.result.rho == kind.rawValue && $0.result.paired.count > 0 }
        .map { row in
          let found = row.result
          return Page.Verdict(
            claim: "rho on reversal exceeds rho on sorting\(Self.words(row.settings)), \(kind.text)",
            ClaimVerdict.Outcome(
              found.signFlip.isSignificant == true ? true : found.opposite.isSignificant == true ? false : nil
            ), seeds: found.signFlip.seeds,
            numbers:
              "difference over shared seeds \(NumberText.interval(found.paired, digits: 2)); "
              + NumberText.pValue(found.signFlip),
            rule: "one-sided sign-flip test over shared seeds, p ≤ 0.05", link: "#tasks")
        }
    }
    return depth + tasks
  }

  /// `, layers 2, positions rotary`
  private static func words(_ settings: [String: Setting]) -> String {
    settings.sorted { $0.key < $1.key }.map { ", \(Words.of($0.key)) \($0.value)" }.joined()
  }
}

extension AcrossStudies {
  /// Writes the comparison as JSON, whole or not at all.
  package func write(to url: URL) throws { try writeAtomically(RecordCoding.encode(self), to: url) }
}
