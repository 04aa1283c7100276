import AtomicFile
import Foundation
import Records

extension LongTable {
  /// Writes `NAME.csv` of every table, each whole or not at all. `NAME.jsonl` of an earlier version is removed.
  ///
  /// - Throws: `RecordError.folder` if the folder cannot be made, `AtomicFileError` if a file cannot be written.
  package static func write(_ tables: [LongTable], to folder: URL) throws {
    try StudyFolder.create(folder)
    for table in tables {
      try writeAtomically(to: folder.appendingPathComponent("\(table.name).csv"), table.csv)
      try writeOrRemove(nil, at: folder.appendingPathComponent("\(table.name).jsonl"))
    }
  }
}
