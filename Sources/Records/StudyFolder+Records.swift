import Foundation

extension StudyFolder {
  /// The record of a run, or `nil` where the run has not ended yet.
  package func readRecord(task: String, seed: Int) throws -> RunRecord? {
    let file = record(task: task, seed: seed)
    guard FileManager.default.fileExists(atPath: file.path) else { return nil }
    return try RunRecord.read(from: file)
  }

  /// Every record of the folder, by task name, then seed. A folder without runs has none.
  /// - Throws: `RecordError` at the first record that can't be read.
  package func readRecords() throws -> [RunRecord] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), isFolder.boolValue else {
      throw RecordError.folder(path: url.path, reason: "no such folder")
    }
    guard FileManager.default.fileExists(atPath: runs.path) else { return [] }
    var records: [RunRecord] = []
    for task in try Self.names(in: runs) {
      let folder = runs.appendingPathComponent(task, isDirectory: true)
      for name in try Self.names(in: folder) where name.hasPrefix("seed-") {
        let file = folder.appendingPathComponent(name).appendingPathComponent("run.json")
        guard FileManager.default.fileExists(atPath: file.path) else { continue }
        records.append(try RunRecord.read(from: file))
      }
    }
    return records.sorted { ($0.task, $0.seed) < ($1.task, $1.seed) }
  }

  /// The sorted names of a folder's folders.
  private static func names(in folder: URL) throws -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(
        at: folder, includingPropertiesForKeys: [.isDirectoryKey], options: [.skipsHiddenFiles]
      )
      .filter { try $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory ?? false }
      .map(\.lastPathComponent).sorted()
    } catch {
      throw RecordError.folder(path: folder.path, reason: systemReason(error))
    }
  }
}
