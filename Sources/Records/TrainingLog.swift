import AtomicFile
import Foundation

/// Writes `train.csv`: `step,loss,accuracy`, one row per step, and behind them `held_out_loss` if the model is trained on data. What
/// was not measured is empty.
///
/// Rows are kept in memory and written at each measurement, so the log costs nothing per step, and a killed
/// run loses only the steps since its last measurement.
package final class TrainingLog {
  static let header = "step,loss,accuracy"
  static let dataHeader = header + ",held_out_loss"
  /// Without measurements, rows are written when the buffer reaches this size.
  private static let bufferLimit = 1 << 16

  private let path: String
  private let hasHeldOutLoss: Bool
  private let handle: FileHandle
  private var buffer = Data()

  /// Starts a log with the rows that exist already, and replaces an existing file. The folder must exist.
  ///
  /// The file is a new one, written whole: until it is on the disk the old one stays, and what another process still
  /// appends to the old one never gets into it.
  ///
  /// - Parameter hasHeldOutLoss: whether rows have a place for it.
  /// - Throws: `AtomicFileError`, `RecordError.unwritable`.
  package init(creating url: URL, steps: [Step] = [], hasHeldOutLoss: Bool = false) throws {
    path = url.path
    self.hasHeldOutLoss = hasHeldOutLoss
    var text = Data("\(hasHeldOutLoss ? Self.dataHeader : Self.header)\n".utf8)
    for step in steps { text.append(contentsOf: Self.row(step, hasHeldOutLoss)) }
    try writeAtomically(text, to: url)
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw RecordError.unwritable(file: path, reason: systemReason(errno: errno))
    }
    handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  deinit {
    // A run that ends with an error keeps what it has measured. If that fails too, there is no way to report
    // it.
    try? flush()
  }

  private static func row(_ step: Step, _ hasHeldOutLoss: Bool) -> String.UTF8View {
    func field(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
    let heldOut = hasHeldOutLoss ? ",\(field(step.heldOutLoss))" : ""
    return "\(step.step),\(step.loss),\(field(step.accuracy))\(heldOut)\n".utf8
  }

  /// Adds a step; `loss` is the mean over target tokens.
  package func append(step: Int, loss: Double, accuracy: Double? = nil) throws {
    try append(Step(step: step, loss: loss, accuracy: accuracy))
  }

  /// Adds a step. A row with an accuracy is written at once.
  package func append(_ step: Step) throws {
    buffer.append(contentsOf: Self.row(step, hasHeldOutLoss))
    if step.accuracy != nil || buffer.count >= Self.bufferLimit { try flush() }
  }

  /// Writes the rows still in memory.
  package func flush() throws {
    guard !buffer.isEmpty else { return }
    // Cleared first: rows that were written in part must not be written again.
    let rows = buffer
    buffer.removeAll(keepingCapacity: true)
    do {
      try handle.write(contentsOf: rows)
    } catch {
      throw RecordError.unwritable(file: path, reason: systemReason(error))
    }
  }

  /// Writes the rows still in memory, and returns when the disk has them all. Call it before anything that rests on the
  /// log is written.
  package func sync() throws {
    try flush()
    // A device or a pipe in the log's place can't be flushed.
    guard fsync(handle.fileDescriptor) == 0 || errno == EINVAL || errno == ENOTSUP else {
      throw RecordError.unwritable(file: path, reason: systemReason(errno: errno))
    }
  }
}
