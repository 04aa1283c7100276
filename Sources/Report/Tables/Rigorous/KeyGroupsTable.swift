import Records

/// The published score of every head of keys, beside those of the heads that share it; nil where every head has its own.
func keyGroupsTable(_ run: RunRecord) -> Table? {
  guard let groups = run.rigorous?.keyGroups, let keyHeads = run.configuration.keyHeads, keyHeads > 0 else {
    return nil
  }
  let sharing = run.configuration.heads / keyHeads
  let rows = groups.flatMap { group in
    run.components.filter { component in
      component.layer == group.layer && component.head.map { $0 / sharing == group.keyHead } ?? false
    }.map { (group: group, component: $0) }
  }
  return Table(
    title: "Norm of the loss gradient of shared value weights, \(run.task), seed \(run.seed)", rows: rows,
    notes: [
      "A head's norm is that of its copy's gradient, as if it shared nothing; the gradient of what is shared is the sum over the copies."
    ],
    [
      .shown("layer") { .count($0.group.layer) }, .shown("head of keys") { .count($0.group.keyHead) },
      .shown("norm of what is shared") { .number($0.group.frobenius, digits: 4) },
      .shown("head", .left) { .text($0.component.name) },
      .shown("norm of its copy") {
        .number($0.component.gradient[RecordNames.Score.published], digits: 4)
      },
    ])
}
