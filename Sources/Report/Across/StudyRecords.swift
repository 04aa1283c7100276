import Records

/// A study folder's records under the name that it has in a comparison.
package struct StudyRecords: Sendable {
  package var folder: String
  package var records: [RunRecord]

  package init(folder: String, records: [RunRecord]) {
    self.folder = folder
    self.records = records
  }
}

/// Why studies can't be compared.
package enum AcrossError: Error, Equatable, CustomStringConvertible {
  case noRecord(folder: String)
  /// A folder none of whose tasks is in another.
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
