import AtomicFile
import Digests
import Foundation
import Records

/// What a report was made of and which files it left. A report of the same records by the same program with the same
/// options, whose files are all as they were, need not be made again.
///
/// It lies in the study's folder as `.report.json`. If it is missing, damaged or does not fit, the report is made anew, so
/// it changes nothing that comes out.
package struct ReportStamp: Codable, Equatable {
  /// A checksum of the program's own file.
  var program: String
  /// A checksum of the names and the bytes of the records.
  var records: String
  /// The runs that had failed.
  var failures: [RunFailure]
  /// The width of the files in `figures/`, in points.
  var figureWidth: Double
  /// The files of the report, by their path in the study's folder.
  var files: [String: FileState]
  /// What a terminal shows of the report, which needs the records.
  var brief = ""

  private enum CodingKeys: String, CodingKey {
    case program, records, failures
    case figureWidth = "figure_width"
    case files, brief
  }

  /// The stamp of a report that is about to be made. The records are examined now: one that changes before it is read
  /// makes the stamp wrong, never right.
  ///
  /// - Parameter runs: the runs of the report; `nil` for all of the folder.
  /// - Returns: `nil` where the program's own file cannot be read.
  /// - Throws: `RecordError`.
  package init?(for folder: StudyFolder, runs: [RunRecord]?, figureWidth: Double) throws {
    guard let program = Self.ownChecksum else { return nil }
    self.program = program
    failures = try folder.failures()
    self.figureWidth = figureWidth
    if let runs {
      let seeds = Dictionary(grouping: runs, by: \.task).mapValues { Set($0.map(\.seed)) }
      records = try folder.recordsChecksum { task, seed in seeds[task]?.contains(seed) == true }
    } else {
      records = try folder.recordsChecksum()
    }
    files = [:]
  }

  /// What a terminal shows of the report that this stamp is for; `nil` unless the folder holds it.
  package func keptBrief(in folder: StudyFolder) -> String? {
    guard let data = try? Data(contentsOf: Self.file(folder)),
      var kept = try? RecordCoding.decodeChecked(ReportStamp.self, from: data),
      kept.files == Self.reportFiles(folder), kept.files[folder.summary.lastPathComponent] != nil
    else { return nil }
    let brief = kept.brief
    (kept.files, kept.brief) = (files, self.brief)
    return kept == self ? brief : nil
  }

  /// Writes the stamp of the report that the folder holds now.
  package func write(_ brief: String, to folder: StudyFolder) throws {
    var stamp = self
    stamp.brief = brief
    stamp.files = Self.reportFiles(folder)
    try writeAtomically(RecordCoding.encodeWithChecksum(stamp), to: Self.file(folder))
  }

  /// Removes the stamp, before a report is changed.
  package static func remove(from folder: StudyFolder) { _ = unlink(file(folder).path) }

  private static func file(_ folder: StudyFolder) -> URL { folder.url.appendingPathComponent(".report.json") }

  /// Computed once for each process.
  private static let ownChecksum: String? = {
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: "/proc/self/exe"), options: .alwaysMapped)
    else { return nil }
    var checksum = Checksum()
    data.withUnsafeBytes { checksum.combine($0) }
    return checksum.digest
  }()

  private static func reportFiles(_ folder: StudyFolder) -> [String: FileState] {
    var files: [String: FileState] = [:]
    func add(_ url: URL, _ name: String) { files[name] = FileState(url) }
    for url in [folder.summary, folder.report] { add(url, url.lastPathComponent) }
    for inner in [folder.tables, folder.figures] {
      for name in (try? FileManager.default.contentsOfDirectory(atPath: inner.path)) ?? [] {
        add(inner.appendingPathComponent(name), "\(inner.lastPathComponent)/\(name)")
      }
    }
    return files
  }
}

/// What a file system says of a file's content: its size, and when it was changed last.
struct FileState: Codable, Equatable {
  var size: Int
  /// Nanoseconds since 1970.
  var changed: Int

  /// `nil` if there is no such file.
  init?(_ url: URL) {
    var status = stat()
    guard stat(url.path, &status) == 0 else { return nil }
    size = Int(status.st_size)
    changed = status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec
  }
}
