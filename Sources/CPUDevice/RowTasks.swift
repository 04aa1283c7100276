import Compute

/// Row groups cut into runs of at most `length` rows of one model: the unit of work of row-wise operations.
/// Kept with the groups, so that a batch's operations share it.
final class RowTasks {
  static let length = 64
  let runs: [RowGroup]

  init(_ rows: RowGroups, length: Int) {
    var runs: [RowGroup] = []
    for span in rows.models {
      var first = 0
      while first < span.count {
        let count = min(length, span.count - first)
        runs.append(RowGroup(model: span.model, firstRow: span.firstRow + first, count: count))
        first += count
      }
    }
    self.runs = runs
  }

  static func of(_ rows: RowGroups) -> RowTasks {
    if let tasks = rows.deviceForm as? RowTasks { return tasks }
    let tasks = RowTasks(rows, length: length)
    rows.deviceForm = tasks
    return tasks
  }
}
