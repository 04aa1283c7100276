import Compute

/// Row groups cut into runs of at most `length` rows of one model: the unit of work of row-wise operations.
/// Kept with the groups, so that a batch's operations share it.
final class RowTasks {
  static let length = 32
  let runs: [Run]

  struct Run {
    var model: Int
    /// Which of the groups' models this is.
    var modelIndex: Int
    var firstRow: Int
    var count: Int
  }

  private init(_ rows: RowGroups) {
    var runs: [Run] = []
    for (index, span) in rows.models.enumerated() {
      var first = 0
      while first < span.count {
        let count = min(Self.length, span.count - first)
        runs.append(
          Run(model: span.model, modelIndex: index, firstRow: span.firstRow + first, count: count))
        first += count
      }
    }
    self.runs = runs
  }

  static func of(_ rows: RowGroups) -> RowTasks {
    if let tasks = rows.deviceForm as? RowTasks { return tasks }
    let tasks = RowTasks(rows)
    rows.deviceForm = tasks
    return tasks
  }
}
