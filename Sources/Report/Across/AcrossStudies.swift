import Records
import Statistics
import Tasks

/// Several studies compared: what differs between their configurations, and how training and rho differ with
/// it.
///
/// All seeds count under every protocol, also those outside the paper's window of accuracy.
package struct AcrossStudies: Codable, Sendable, Equatable {
  /// The folders, in the order in which they were given.
  package var folders: [String]
  /// The folders whose runs were shortened by `--quick`.
  package var quick: [String]
  /// The keys in which the studies differ, with their names in the records. `folder` comes last, if the other
  /// keys do not distinguish all studies.
  package var settings: [String]
  /// The rows, ordered by task as in the summary, then by settings, then as given.
  package var rows: [Row]
  /// The comparison of reversal and sorting in each study that has both tasks.
  package var reversalAgainstSorting: [Comparison]
  package var depth: [DepthTrend]
  package var trainingVariance: [TrainingVariance]
  package var roles: [RoleAgreement]

  /// - Throws: `AcrossError` for a study without records, or if no other study has any of its tasks;
  ///   `SummaryError` for a study whose records cannot be summarised together.
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
    var recordsByRow: [[RunRecord]] = []
    var values: [[AcrossRho: SeedValues]] = []
    for task in firstSeen(Summary.inOrder(found.flatMap { $0.tasks.map(\.task) })) {
      for study in ordered {
        guard let records = study.tasks.first(where: { $0.task == task })?.records else { continue }
        let rhos = AcrossRho.all(records)
        values.append(rhos)
        recordsByRow.append(records)
        rows.append(
          Row(folder: study.folder, settings: study.settings, task: task, records, rhos, draws))
      }
    }
    reversalAgainstSorting = ordered.flatMap { Self.comparisons($0, draws) }
    depth = DepthTrend.all(rows, values, keys, draws)
    trainingVariance = TrainingVariance.all(rows, values, keys)
    roles = RoleAgreement.all(rows, recordsByRow, keys, draws)
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
    /// The settings that the comparison shows.
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

  /// Orders by the keys in turn; a missing value comes first; ties stay as given.
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
    guard let reverse = study.tasks.first(where: { $0.task == IntegerTask.reverse.name })?.records,
      let sort = study.tasks.first(where: { $0.task == IntegerTask.sort.name })?.records
    else { return [] }
    let rhos = AcrossRho.allCases.map { kind in
      TaskComparison.Values(
        rho: kind.rawValue, first: kind.values(reverse), second: kind.values(sort), bounds: kind.bounds)
    }
    return TaskComparison.all(rhos, draws).map {
      Comparison(folder: study.folder, settings: study.settings, result: $0)
    }
  }

  private enum CodingKeys: String, CodingKey {
    case folders, quick, settings, rows
    case reversalAgainstSorting = "reversal_against_sorting"
    case depth
    case trainingVariance = "training_variance"
    case roles
  }
}

extension AcrossRho {
  static func all(_ records: [RunRecord]) -> [AcrossRho: SeedValues] {
    Dictionary(uniqueKeysWithValues: allCases.map { ($0, $0.values(records)) })
  }
}
