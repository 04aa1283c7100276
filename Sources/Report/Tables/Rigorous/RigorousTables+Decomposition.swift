/// The steps from the published rho to the rigorous one.
package func decompositionTable(_ task: String, _ found: Decomposition) -> Table {
  let title = "From the published rho to the rigorous one, \(task)"
  guard !found.steps.isEmpty else { return Table(title: title, notes: ["Not recorded."]) }
  struct Row {
    var step: String
    var rho: SeedMean?
    var change: Decomposition.Change?
  }
  let paired = "change, paired over seeds"
  let few = found.steps.contains { ($0.change?.test).map { $0.isSignificant == nil } ?? false }
  return Table(
    "decomposition", title: title,
    rows: found.steps.map { Row(step: $0.step, rho: $0.rho, change: $0.change) }
      + [found.total.map { Row(step: "total", change: $0) }].compactMap(\.self),
    notes: found.steps.filter { !$0.missing.isEmpty }
      .map { "\($0.step): no rho for \(missingText($0.missing))" }
      + (few ? ["* fewer than six seeds, or no test: no claim of significance"] : []),
    [
      .file("task") { _ in .text(task) },
      .both("step", .left) { .text($0.step) },
      .shown("n") { .count($0.rho?.count) },
      .mean("mean rho", key: "rho", digits: 3) { $0.rho },
      .shown("n", group: paired) { .count($0.change?.mean.count) },
      .mean("rho", key: "change", group: paired, digits: 3) { $0.change?.mean },
      .both("p", key: "sign_flip_p", group: paired) { $0.change.map { pCell($0.test) } ?? .missing },
      .file("significant") { .flag($0.change?.test.isSignificant) },
    ])
}
