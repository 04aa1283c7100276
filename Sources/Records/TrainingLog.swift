import Foundation

/// Writes `train.csv`: `step,loss,accuracy`, a row a step, the accuracy empty where it was not measured.
///
/// Rows are kept in memory and go to the file at each measurement, so a log costs nothing per step and a killed run
/// has lost only the steps since the last one.
package final class TrainingLog {
  static let header = "step,loss,accuracy"
  /// Without measurements the rows go to the file at this size.
  private static let bufferLimit = 1 << 16

  private let path: String
  private let handle: FileHandle
  private var buffer = Data()

  /// Starts a new log, in place of one that is there. The folder must be there.
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
    // A run that ends in an error keeps what it measured; there is no one left to tell if that fails.
    try? flush()
    try? handle.close()
  }

  /// Adds a step; `loss` is the mean over target tokens. A row with an accuracy goes to the file at once.
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
