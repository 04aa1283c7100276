import Concurrency
import Digests
import Foundation

extension StudyFolder {
  /// The record of a run; `nil` if the run has not finished.
  package func readRecord(task: String, seed: Int) throws -> RunRecord? {
    try Self.readRecord(record(task: task, seed: seed))
  }

  /// Whether a run has its record; the record is not read.
  ///
  /// - Parameter rigorous: whether it must have the record of its rigorous measures, too.
  /// - Throws: `RecordError` for files that cannot be examined.
  package func isFinished(task: String, seed: Int, withRigorous rigorous: Bool = false) throws -> Bool {
    guard try FileKind.of(record(task: task, seed: seed)) != nil else { return false }
    return try !rigorous || FileKind.of(self.rigorous.record(task: task, seed: seed)) != nil
  }

  /// Every record of the folder, sorted by task name, then seed. Runs behind symbolic links are included. A
  /// folder without runs gives an empty list.
  ///
  /// - Parameters:
  ///   - expect: hears the number of runs before their records are read.
  ///   - finish: hears of each record that was read, on any thread.
  /// - Throws: `RecordError` for the first folder or record that cannot be examined, listed or read.
  package func readRecords(
    expect: (Int) -> Void = { _ in }, finish: @Sendable () -> Void = {}
  ) throws -> [RunRecord] {
    let files = try recordFiles()
    expect(files.count)
    // On all processors, because decoding thousands takes long. A run that has not finished has no record.
    let records = try concurrentMap(files) { file in
      defer { finish() }
      return try Self.readRecord(file)
    }
    return records.compactMap(\.self).sorted { ($0.task, $0.seed) < ($1.task, $1.seed) }
  }

  /// Whether any run has its record; none is read.
  ///
  /// - Throws: `RecordError`.
  package func hasRecords() throws -> Bool {
    try FileKind.of(url) != nil && recordFiles().contains { try FileKind.of($0) != nil }
  }

  /// The records with rigorous measures: the folder's own, or those of `rigorous`.
  ///
  /// - Throws: as `readRecords`.
  package func readRigorousRecords() throws -> [RunRecord] { try rigorousStudy().records }

  /// Those records, and the folder that they are in.
  ///
  /// - Throws: as `readRecords`.
  package func rigorousStudy() throws -> (folder: StudyFolder, records: [RunRecord]) {
    let own = try readRecords().filter { $0.rigorous != nil }
    return try own.isEmpty && rigorous.hasRecords() ? (rigorous, rigorous.readRecords()) : (self, own)
  }

  /// A checksum of the names and the bytes of records. It changes with any of them, and is found far faster than they
  /// are read.
  ///
  /// - Parameter isIncluded: whether a run's record counts.
  /// - Throws: as `readRecords`.
  package func recordsChecksum(
    where isIncluded: (_ task: String, _ seed: Int) -> Bool = { _, _ in true }
  ) throws -> String {
    let files = try recordFiles().filter { file in
      let run = file.deletingLastPathComponent()
      guard let seed = Int(run.lastPathComponent.dropFirst("seed-".count)) else { return true }
      return isIncluded(run.deletingLastPathComponent().lastPathComponent, seed)
    }
    let sums = try concurrentMap(files, perThread: 16) { file -> String? in
      guard try FileKind.of(file) != nil else { return nil }
      var checksum = Checksum()
      try fileContents(file).withUnsafeBytes { checksum.combine($0) }
      return "\(file.path.dropFirst(url.path.count)) \(checksum.digest)"
    }
    var checksum = Checksum()
    for sum in sums { if let sum { checksum.combine(sum) } }
    return checksum.digest
  }

  /// The records' files, also those that do not exist yet.
  private func recordFiles() throws -> [URL] {
    try runFolders().map { $0.appendingPathComponent("run.json") }
  }

  /// The folders of runs, by task name.
  func runFolders() throws -> [URL] {
    switch try FileKind.of(url) {
    case .folder: break
    case nil: throw RecordError.folder(path: url.path, reason: "no such folder")
    case .file, .other:
      throw RecordError.folder(
        path: url.path,
        reason: "it is a file; name its folder, \(url.deletingLastPathComponent().path)")
    }
    guard try FileKind.of(runs) != nil else { return [] }
    return try Self.folders(in: runs).flatMap { task in
      try Self.folders(in: task).filter { $0.lastPathComponent.hasPrefix("seed-") }
    }
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
