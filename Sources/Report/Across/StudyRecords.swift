import Records

/// The records of a study folder under the folder's name in a comparison.
package struct StudyRecords: Sendable {
  package var folder: String
  package var records: [RunRecord]

  package init(folder: String, records: [RunRecord]) {
    self.folder = folder
    self.records = records
  }

  /// Whether both studies could be one: settings and device are the same, and no run is in both.
  package func canBePooled(with other: StudyRecords) -> Bool {
    let all = records + other.records
    return Set(all.map(\.device.selector)).count == 1 && (try? Summary.check(all)) != nil
  }
}

/// Why studies cannot be compared.
package enum AcrossError: Error, Equatable, CustomStringConvertible {
  case noRecord(folder: String)
  /// No other folder has any of the tasks of this folder.
  case noSharedTask(folder: String, tasks: [String])

  package var description: String {
    switch self {
    case .noRecord(let folder): "the folder \(folder) holds no finished run"
    case .noSharedTask(let folder, let tasks):
      "the folder \(folder) has \(tasks.joined(separator: ", ")), which no other folder has: "
        + "there is nothing to compare it with"
    }
  }
}
