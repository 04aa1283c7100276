import AtomicFile
import Concurrency
import Foundation
import Records
import Report

/// Event files of TensorBoard: a run for each seed, and the mean and spread over the seeds of each task.
///
/// A seed's run has `loss` and `accuracy` by step, and what was measured after training at its last step. The runs `mean`,
/// `mean_plus_sd` and `mean_minus_sd` are over the seeds that reach a step; `seeds` in `mean` says how many those are. With one
/// seed there is no spread.
package struct TensorBoard {
  private let folder: URL

  /// - Parameter folder: is made; event files of an earlier report in it are replaced.
  package init(in folder: URL) { self.folder = folder }

  /// Writes the runs of a study.
  ///
  /// - Parameter name: a folder inside, for one of several studies.
  /// - Throws: `RecordError`, `AtomicFileError`.
  package func write(_ records: [RunRecord], of study: StudyFolder, as name: String? = nil) throws {
    let place = name.map { folder.appendingPathComponent($0, isDirectory: true) } ?? folder
    try StudyFolder.create(place)
    let tasks = Dictionary(grouping: records, by: \.task).sorted { $0.key < $1.key }
    for (task, records) in tasks {
      let curves = try concurrentMap(records.sorted { $0.seed < $1.seed }) { record in
        let curve = try TrainingCurve(record, log: study.trainingLog(task: task, seed: record.seed))
        try write(curve.events, to: place, "\(task)/seed-\(record.seed)")
        return curve
      }
      let spread = CurveSpread(curves)
      try write(spread.mean, to: place, "\(task)/mean")
      guard curves.count > 1 else { continue }
      try write(
        spread.events { mean, deviation in deviation.map { mean + $0 } }, to: place, "\(task)/mean_plus_sd")
      try write(
        spread.events { mean, deviation in deviation.map { mean - $0 } }, to: place, "\(task)/mean_minus_sd")
    }
  }

  private func write(_ events: EventFile, to place: URL, _ run: String) throws {
    let folder = place.appendingPathComponent(run, isDirectory: true)
    try StudyFolder.create(folder)
    try writeAtomically(events.data, to: folder.appendingPathComponent(EventFile.name))
  }
}
