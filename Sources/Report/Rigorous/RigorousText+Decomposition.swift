/// The steps from the published rho to the rigorous one.
package func decompositionText(_ task: String, _ decomposition: Decomposition) -> String {
  let title = "From the published rho to the rigorous one, \(task)\n"
  guard !decomposition.steps.isEmpty else { return title + "Not recorded.\n" }
  var table = TableText(columns: [
    .init("step", .left), .init("n"), .init("mean rho"), .init("n", group: "change, paired over seeds"),
    .init("rho", group: "change, paired over seeds"), .init("p", group: "change, paired over seeds"),
  ])
  for step in decomposition.steps {
    table.rows.append(
      [step.step, "\(step.rho.count)", NumberText.interval(step.rho, digits: 3)] + cells(step.change))
  }
  table.rows.append(["total", "", ""] + cells(decomposition.total))
  let notes = decomposition.steps.filter { !$0.missing.isEmpty }
    .map { "\($0.step): no rho for \(missingText($0.missing))\n" }
  let few = decomposition.steps.contains { ($0.change?.test).map { $0.isSignificant == nil } ?? false }
  return title + table.render() + notes.joined()
    + (few ? "* fewer than six seeds, or no test: no claim of significance\n" : "")
}

private func cells(_ change: Decomposition.Change?) -> [String] {
  guard let change else { return ["", "", ""] }
  let mark = change.test.isSignificant == nil ? " *" : ""
  return [
    "\(change.mean.count)", NumberText.interval(change.mean, digits: 3),
    NumberText.fixed(change.test.pValue, digits: 4) + mark,
  ]
}
