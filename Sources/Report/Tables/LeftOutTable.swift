import Records

/// A run that tables leave out, and why.
private struct LeftOut {
  var study: String?
  var task: String
  var seed: Int
  var status: String
  var reason: String

  init(_ failure: RunFailure) {
    (study, task, seed) = (failure.study, failure.task, failure.seed)
    (status, reason) = ("failed", failure.reason)
  }

  /// `nil` for a run that every table counts.
  init?(_ task: String, _ row: SeedRow) {
    var reasons: [String] = []
    if !row.inWindow {
      reasons.append(
        "its accuracy of \(NumberText.fixed(row.oodAccuracy, digits: 2)) is outside the paper's window: it is not in the tables beside the paper"
      )
    }
    if row.rho == nil { reasons.append("it has no rho: \(row.rhoReason ?? "no reason was written")") }
    guard !reasons.isEmpty else { return nil }
    (self.task, seed, status, reason) = (task, row.seed, "excluded", reasons.joined(separator: "; "))
  }
}

/// The runs of a study that ended without a record, and those that some tables leave out; its file is `left_out`.
func leftOutTable(_ summary: Summary) -> Table {
  table(
    summary.failures.map(LeftOut.init)
      + summary.tasks.flatMap { task in task.bySeed.compactMap { LeftOut(task.task, $0) } })
}

/// The runs of several studies that ended without a record; its file is `left_out`.
func leftOutTable(_ failures: [RunFailure]) -> Table { table(failures.map(LeftOut.init)) }

private func table(_ rows: [LeftOut]) -> Table {
  typealias Field = Table.Field<LeftOut>
  let study: [Field] =
    rows.contains { $0.study != nil } ? [.both("study", .left) { .text($0.study) }] : []
  return Table(
    "left_out", title: "Runs that ended without a record, or that tables leave out", rows: rows,
    study + [
      .both("task", .left) { .text($0.task) }, .both("seed") { .count($0.seed) },
      .both("status", .left) { .text($0.status) }, .both("reason", .left) { .text($0.reason) },
    ])
}
