import Records
import Statistics

/// Studies side by side: what differs between their configurations, and how training and rho differ with it.
///
/// Every seed counts, also those outside the paper's window of accuracy, under every protocol.
package struct AcrossStudies: Codable, Sendable, Equatable {
  /// In the order in which they were given.
  package var folders: [String]
  /// The folders whose runs were cut short to show that everything works.
  package var quick: [String]
  /// The keys of the records in which the studies differ, by their names there; `folder` last, where these don't tell all apart.
  package var settings: [String]
  /// By task in the summary's order, then by settings, and as given.
  package var rows: [Row]
  /// Of every study with both tasks.
  package var reversalAgainstSorting: [Comparison]
  package var depth: [DepthTrend]

  /// - Throws: `AcrossError` for a study without records, or whose tasks no other has; `SummaryError` for one whose records don't
  ///   belong together.
  package init(_ studies: [StudyRecords], draws: ReportDraws = .init()) throws {
    let found = try studies.map { study in
      guard let first = study.records.first else { throw AcrossError.noRecord(folder: study.folder) }
      return Study(
        folder: study.folder,
        recorded: try RecordedSettings(
          protocolName: first.protocolName, configuration: first.configuration),
        tasks: try Summary.byTask(study.records), isQuick: first.configuration.quick)
    }
    try Self.checkTasks(found)
    folders = found.map(\.folder)
    quick = found.filter(\.isQuick).map(\.folder)
    let keys = RecordedSettings.differing(found.map(\.recorded))
    let toldApart = Set(found.map { study in keys.map { study.recorded.values[$0] } }).count == found.count
    settings = toldApart ? keys : keys + [Self.folderKey]
    let names = settings
    let ordered = found.map { $0.showing(names) }.enumerated()
      .sorted { Self.precedes($0, $1, keys) }.map(\.element)

    rows = []
    var values: [[AcrossRho: SeedValues]] = []
    for task in firstSeen(Summary.inOrder(found.flatMap { $0.tasks.map(\.task) })) {
      for study in ordered {
        guard let records = study.tasks.first(where: { $0.task == task })?.records else { continue }
        let rhos = AcrossRho.all(records)
        values.append(rhos)
        rows.append(
          Row(folder: study.folder, settings: study.settings, task: task, records, rhos, draws))
      }
    }
    reversalAgainstSorting = ordered.flatMap { Self.comparisons($0, draws) }
    depth = DepthTrend.all(rows, values, keys, draws)
  }

  static let folderKey = "folder"

  /// "Reversal exceeds sorting" in one study.
  package struct Comparison: Codable, Sendable, Equatable {
    package var folder: String
    package var settings: [String: Setting]
    package var result: TaskComparison
  }

  private struct Study {
    var folder: String
    var recorded: RecordedSettings
    var tasks: [(task: String, records: [RunRecord])]
    var isQuick: Bool
    /// Those that the comparison shows.
    var settings: [String: Setting] = [:]

    func showing(_ names: [String]) -> Study {
      var study = self
      study.settings = recorded.values.merging([AcrossStudies.folderKey: .text(folder)]) { $1 }
        .filter { names.contains($0.key) }
      return study
    }
  }

  private static func checkTasks(_ studies: [Study]) throws {
    for (place, study) in studies.enumerated() {
      let others = studies.enumerated().filter { $0.offset != place }
        .flatMap { $0.element.tasks.map(\.task) }
      let own = study.tasks.map(\.task)
      guard others.isEmpty || !Set(own).isDisjoint(with: others) else {
        throw AcrossError.noSharedTask(folder: study.folder, tasks: own)
      }
    }
  }

  /// By the keys in turn, a missing value first, then as given.
  private static func precedes(
    _ one: EnumeratedSequence<[Study]>.Element, _ other: EnumeratedSequence<[Study]>.Element,
    _ keys: [String]
  ) -> Bool {
    for key in keys {
      switch (one.element.settings[key], other.element.settings[key]) {
      case (nil, nil): continue
      case (nil, _): return true
      case (_, nil): return false
      case (let first?, let second?): if first != second { return first < second }
      }
    }
    return one.offset < other.offset
  }

  private static func comparisons(_ study: Study, _ draws: ReportDraws) -> [Comparison] {
    guard let reverse = study.tasks.first(where: { $0.task == "reverse" })?.records,
      let sort = study.tasks.first(where: { $0.task == "sort" })?.records
    else { return [] }
    return AcrossRho.allCases.map { kind in
      Comparison(
        folder: study.folder, settings: study.settings,
        result: TaskComparison(
          kind.rawValue, kind.values(reverse), kind.values(sort), bounds: kind.bounds, draws))
    }
  }

  private enum CodingKeys: String, CodingKey {
    case folders, quick, settings, rows
    case reversalAgainstSorting = "reversal_against_sorting"
    case depth
  }
}

extension AcrossRho {
  static func all(_ records: [RunRecord]) -> [AcrossRho: SeedValues] {
    Dictionary(uniqueKeysWithValues: allCases.map { ($0, $0.values(records)) })
  }
}
