import AtomicFile
import Foundation

/// The files of a study: runs of one configuration, with any tasks and seeds. It is a plain value; creating
/// it does not access the disk.
///
/// ```swift
/// for record in try StudyFolder(url).readRecords() {
///   print(record.task, record.seed, record.rho ?? .nan)
/// }
/// ```
package struct StudyFolder: Sendable, Equatable {
  package let url: URL

  package init(_ url: URL) {
    self.url = url
  }

  package var runs: URL { url.appendingPathComponent("runs", isDirectory: true) }
  package var summary: URL { url.appendingPathComponent("summary.json") }
  package var tables: URL { url.appendingPathComponent("tables", isDirectory: true) }
  package var figures: URL { url.appendingPathComponent("figures", isDirectory: true) }
  package var report: URL { url.appendingPathComponent("report.html") }
  /// The study of the same models, measured as `rigorous` measures; see `--rigorous-measures`.
  package var rigorous: StudyFolder { StudyFolder(url.appendingPathComponent("rigorous", isDirectory: true)) }
  var lockFile: URL { url.appendingPathComponent(".lock") }

  /// The folder of one run, `runs/<task>/seed-<seed>`.
  package func run(task: String, seed: Int) -> URL {
    runs.appendingPathComponent(task, isDirectory: true)
      .appendingPathComponent("seed-\(seed)", isDirectory: true)
  }

  /// The record of a run, `run.json`.
  package func record(task: String, seed: Int) -> URL {
    run(task: task, seed: seed).appendingPathComponent("run.json")
  }

  /// The trained model of a run, `model.safetensors`.
  package func checkpoint(task: String, seed: Int) -> URL {
    run(task: task, seed: seed).appendingPathComponent("model.safetensors")
  }

  /// The log of a run's training, `train.csv`.
  package func trainingLog(task: String, seed: Int) -> URL {
    run(task: task, seed: seed).appendingPathComponent("train.csv")
  }

  /// Removes temporary files that a killed process left beside summaries, tables and figures. Reports are written
  /// without a lock, so only old files are removed.
  package func removeUnfinishedReports() {
    for folder in [url, tables, figures] { removeUnfinishedWrites(in: folder, olderThan: 600) }
  }

  /// The reason why a report cannot be written, because the folder or one inside it is not writable; nil if
  /// it can.
  ///
  /// - Throws: `RecordError.unreadable` for a folder that cannot be examined.
  package func reasonNotToWriteReport() throws -> String? {
    for folder in [url, tables, figures] where try folder == url || FileKind.of(folder) == .folder {
      if let reason = Self.reasonNotToWrite(to: folder) { return "\(folder.path): \(reason)" }
    }
    return nil
  }
}
