import Concurrency
import Foundation

extension StudyFolder {
  /// The record of a run; `nil` if the run has not finished.
  package func readRecord(task: String, seed: Int) throws -> RunRecord? {
    try Self.readRecord(record(task: task, seed: seed))
  }

  /// Every record of the folder, sorted by task name, then seed. Runs behind symbolic links are included. A
  /// folder without runs gives an empty list.
  ///
  /// - Throws: `RecordError` for the first folder or record that cannot be examined, listed or read.
  package func readRecords() throws -> [RunRecord] {
    switch try FileKind.of(url) {
    case .folder: break
    case nil: throw RecordError.folder(path: url.path, reason: "no such folder")
    case .file, .other:
      throw RecordError.folder(
        path: url.path,
        reason: "it is a file; name its folder, \(url.deletingLastPathComponent().path)")
    }
    guard try FileKind.of(runs) != nil else { return [] }
    var files: [URL] = []
    for task in try Self.folders(in: runs) {
      for run in try Self.folders(in: task) where run.lastPathComponent.hasPrefix("seed-") {
        files.append(run.appendingPathComponent("run.json"))
      }
    }
    // On all processors, because decoding thousands takes long. A run that has not finished has no record.
    let records = try concurrentMap(files, perThread: 16) { try Self.readRecord($0) }
    return records.compactMap(\.self).sorted { ($0.task, $0.seed) < ($1.task, $1.seed) }
  }

  /// The study folders directly below this one, by name. A message suggests them when this folder is not a
  /// study's.
  package func studiesBelow() -> [StudyFolder] {
    let below = (try? Self.folders(in: url)) ?? []
    return below.map(StudyFolder.init).filter { (try? FileKind.of($0.runs)) == .folder }
  }

  /// - Throws: `RecordError`; `.otherRun` if the folder's names say that it is another run's.
  private static func readRecord(_ file: URL) throws -> RunRecord? {
    guard try FileKind.of(file) != nil else { return nil }
    let record = try RunRecord.read(from: file)
    let names = file.pathComponents.suffix(3)
    if let name = names.dropFirst().first, let task = names.first, name.hasPrefix("seed-"),
      let seed = Int(name.dropFirst("seed-".count)), (task, seed) != (record.task, record.seed)
    {
      throw RecordError.otherRun(
        file: file.path, found: "\(record.task), seed \(record.seed)", expected: "\(task), seed \(seed)")
    }
    return record
  }

  /// The folders inside a folder and links to folders, by name, without hidden ones.
  private static func folders(in folder: URL) throws -> [URL] {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    } catch {
      throw RecordError.folder(path: folder.path, reason: "can't list it: \(systemReason(error))")
    }
    return try names.sorted().filter { !$0.hasPrefix(".") }
      .map { folder.appendingPathComponent($0, isDirectory: true) }
      .filter { try FileKind.of($0) == .folder }
  }
}
