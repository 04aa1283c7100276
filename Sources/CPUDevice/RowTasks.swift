import Compute

/// At most ``length`` rows of one model: the unit of work of row-wise operations.
struct RowTask {
  static let length = 32

  var model: Int
  /// Which of the groups' models this is.
  var modelIndex: Int
  var firstRow: Int
  var count: Int

  /// The rows of each model, cut.
  static func cut(_ rows: RowGroups) -> [RowTask] {
    rows.models.enumerated().flatMap { index, span in
      stride(from: 0, to: span.count, by: length).map { first in
        RowTask(
          model: span.model, modelIndex: index, firstRow: span.firstRow + first,
          count: min(length, span.count - first))
      }
    }
  }
}

extension CPUDevice {
  /// Kept with the device as long as the groups exist, so that a batch's operations share them.
  func tasks(_ rows: RowGroups) -> [RowTask] { rowTasks.form(of: rows) { RowTask.cut(rows) } }
}
