import Foundation

/// Writes `train.csv`: `step,loss,accuracy`, one row per step. The accuracy is empty if it was not measured.
///
/// Rows are kept in memory and written at each measurement, so the log costs nothing per step, and a killed
/// run loses only the steps since its last measurement.
package final class TrainingLog {
  static let header = "step,loss,accuracy"
  /// Without measurements, rows are written when the buffer reaches this size.
  private static let bufferLimit = 1 << 16

  private let path: String
  private let handle: FileHandle
  private var buffer = Data()

  /// Starts a new log and replaces an existing one. The folder must exist.
  /// - Throws: `RecordError.unwritable`.
  package init(creating url: URL) throws {
    path = url.path
    do {
      try Data("\(Self.header)\n".utf8).write(to: url)
      handle = try FileHandle(forWritingTo: url)
      try handle.seekToEnd()
    } catch {
      throw RecordError.unwritable(file: url.path, reason: systemReason(error))
    }
  }

  deinit {
    // A run that ends with an error keeps what it has measured. If that fails too, there is no way to report
    // it.
    try? flush()
    try? handle.close()
  }

  /// Adds a step; `loss` is the mean over target tokens. A row with an accuracy is written at once.
  package func append(step: Int, loss: Double, accuracy: Double? = nil) throws {
    buffer.append(contentsOf: "\(step),\(loss),\(accuracy.map { "\($0)" } ?? "")\n".utf8)
    if accuracy != nil || buffer.count >= Self.bufferLimit { try flush() }
  }

  /// Writes the rows still in memory. Call it at the end of training.
  package func flush() throws {
    guard !buffer.isEmpty else { return }
    do {
      try handle.write(contentsOf: buffer)
      buffer.removeAll(keepingCapacity: true)
    } catch {
      throw RecordError.unwritable(file: path, reason: systemReason(error))
    }
  }
}
