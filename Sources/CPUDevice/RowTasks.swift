import Compute

/// Some rows of one model, ``length`` at most unless a product asks for more: the unit of work of row-wise operations.
struct RowTask {
  static let length = 32

  var model: Int
  /// The index of the model in `RowGroups.models`.
  var modelIndex: Int
  var firstRow: Int
  var count: Int

  /// Cuts the rows of each model into as few tasks as possible, of about the same length.
  static func cut(_ rows: RowGroups, atMost length: Int) -> [RowTask] {
    cut(rows) { EqualRanges($0, parts: max(1, ($0 + length - 1) / length)) }
  }

  /// Cuts the rows of each model into tasks.
  static func cut(_ rows: RowGroups, length: Int = length) -> [RowTask] {
    cut(rows) { EqualRanges($0, length: length) }
  }

  /// - Parameter ranges: cuts a number of rows.
  private static func cut(_ rows: RowGroups, into ranges: (Int) -> EqualRanges) -> [RowTask] {
    rows.models.enumerated().flatMap { index, span in
      let ranges = ranges(span.count)
      return (0..<ranges.count).map {
        RowTask(
          model: span.model, modelIndex: index, firstRow: span.firstRow + ranges[$0].lowerBound,
          count: ranges[$0].count)
      }
    }
  }
}

/// The tasks of some rows.
final class RowTasks {
  let list: [RowTask]

  init(_ list: [RowTask]) { self.list = list }
}

extension CPUDevice {
  /// The tasks for these rows. The device keeps them as long as the groups exist, so that all operations of a
  /// batch share them.
  func tasks(_ rows: RowGroups) -> [RowTask] {
    rowTasks.form(of: rows.formKey) { RowTasks(RowTask.cut(rows)) }.list
  }
}
