import Records

/// The published score of every head of keys, beside those of the heads that share it; nil where every head has its own.
func keyGroupsTable(_ run: RunRecord) -> Table? {
  guard let groups = run.rigorous?.keyGroups, let keyHeads = run.configuration.keyHeads, keyHeads > 0 else {
    return nil
  }
  let sharing = run.configuration.heads / keyHeads
  return Table(
    title: "Norm of the loss gradient of shared value weights, \(run.task), seed \(run.seed)", rows: groups,
    notes: [
      "A head's norm is that of its copy's gradient, as if it shared nothing; the gradient of what is shared is the sum over the copies."
    ],
    [
      .shown("layer") { .count($0.layer) }, .shown("head of keys") { .count($0.keyHead) },
      .shown("its own norm") { .number($0.frobenius, digits: 4) },
      .shown("its heads", .left) { group in
        .text(
          run.components.filter { component in
            component.layer == group.layer && component.head.map { $0 / sharing == group.keyHead } ?? false
          }.map { component in
            let score = component.gradient[RecordNames.Score.published]
            return "\(component.name) \(score.map { NumberText.fixed($0, digits: 4) } ?? "–")"
          }.joined(separator: ", "))
      },
    ])
}
