import AtomicFile
import Foundation
import Records

extension LongTable {
  /// Writes `NAME.csv` of every table, each whole or not at all. `NAME.jsonl` of an earlier version is removed.
  ///
  /// - Parameter finish: hears of each run whose rows are in a file.
  /// - Throws: `RecordError.folder` if the folder cannot be made, `AtomicFileError` if a file cannot be written.
  package static func write(
    _ tables: [LongTable], to folder: URL, finish: @escaping () -> Void = {}
  ) throws {
    try StudyFolder.create(folder)
    for table in tables {
      try writeAtomically(to: folder.appendingPathComponent("\(table.name).csv")) { take in
        try table.csv {
          try take($0)
          finish()
        }
      }
      try writeOrRemove(nil, at: folder.appendingPathComponent("\(table.name).jsonl"))
    }
  }
}
