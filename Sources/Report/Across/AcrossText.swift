import Statistics

/// The comparison of studies as text for a terminal.
package func acrossTables(_ across: AcrossStudies) -> String {
  [
    headingText(across), trainingText(across), rhoText(across), differenceText(across), depthText(across),
  ].compactMap(\.self).joined(separator: "\n")
}

private let fewSeeds = "* fewer than six seeds: no claim\n"
private let noClaim = "* fewer than six seeds, or no test: no claim\n"

private func headingText(_ across: AcrossStudies) -> String {
  var text =
    "Across studies: \(across.folders.joined(separator: ", "))\n"
    + "Brackets hold 95 % confidence intervals over seeds. All seeds count, also those outside the accuracy window.\n"
  if !across.quick.isEmpty {
    text += "QUICK (cut short, not the full settings): \(across.quick.joined(separator: ", "))\n"
  }
  return text
}

/// The columns that identify a row.
private func columns(_ across: AcrossStudies) -> [TableText.Column] {
  [.init("task", .left)] + across.settings.map { .init($0, .left) }
}

private func cells(_ across: AcrossStudies, _ settings: [String: Setting]) -> [String] {
  across.settings.map { settings[$0]?.description ?? "" }
}

private func mark(_ seeds: Int) -> String {
  seeds < SignFlipResult.fewestSeedsForAClaim ? "\(seeds) *" : "\(seeds)"
}

private func trainingText(_ across: AcrossStudies) -> String {
  var table = TableText(
    columns: columns(across) + [
      .init("seeds"), .init("converged"), .init("training steps"), .init("accuracy"), .init("in window"),
    ])
  for row in across.rows {
    table.rows.append(
      [row.task] + cells(across, row.settings) + [
        mark(row.seeds.count), shareText(row.converged), NumberText.interval(row.steps, digits: 0),
        NumberText.interval(row.accuracy, digits: 2), shareText(row.inWindow),
      ])
  }
  return "Training, and accuracy out of distribution (shares of seeds: Wilson's intervals)\n" + table.render()
    + (across.rows.contains { $0.seeds.count < SignFlipResult.fewestSeedsForAClaim } ? fewSeeds : "")
}

private func shareText(_ share: SeedShare) -> String {
  NumberText.interval(share.share, share.interval, digits: 2)
}

private func rhoText(_ across: AcrossStudies) -> String {
  let kinds = AcrossRho.allCases.filter { kind in
    across.rows.contains { ($0.rho(kind)?.mean.count ?? 0) > 0 }
  }
  let title =
    "Mean rho of the published gradient score, and of integrated gradients, with the effect of ablation\n"
  guard !kinds.isEmpty else { return title + "No seed has such a rho.\n" }
  var table = TableText(columns: columns(across) + [.init("seeds")] + kinds.map { .init($0.text) })
  var notes: [String] = []
  for row in across.rows {
    let seeds = row.seeds.count
    table.rows.append(
      [row.task] + cells(across, row.settings) + [mark(seeds)]
        + kinds.map { kind in rhoText(row.rho(kind)?.mean, of: seeds) })
    notes += kinds.compactMap { missingText($0, row) }
  }
  return title + table.render()
    + (across.rows.contains { $0.seeds.count < SignFlipResult.fewestSeedsForAClaim } ? fewSeeds : "")
    + notes.joined()
}

/// `0.45 [0.30, 0.58]`, with n if some seeds have no value.
private func rhoText(_ value: SeedMean?, of seeds: Int) -> String {
  guard let value, value.count > 0 else { return "" }
  let text = NumberText.interval(value, digits: 2)
  return value.count == seeds ? text : "\(text) (n \(value.count))"
}

/// Why some seeds lack a rho. Rhos that a protocol does not measure are not mentioned.
private func missingText(_ kind: AcrossRho, _ row: AcrossStudies.Row) -> String? {
  let missing = (row.rho(kind)?.missing ?? []).filter { $0.reason != MissingSeed.notMeasured }
  guard !missing.isEmpty else { return nil }
  return "\(row.folder), \(row.task): no rho with \(kind.text) for \(missingText(missing))\n"
}

private func differenceText(_ across: AcrossStudies) -> String? {
  let rows = across.reversalAgainstSorting.filter { $0.result.first.count > 0 && $0.result.second.count > 0 }
  guard !rows.isEmpty else { return nil }
  let test = "p, reversal larger"
  var table = TableText(
    columns: across.settings.map { .init($0, .left) } + [
      .init("rho with", .left), .init("reversal"), .init("sorting"), .init("n", group: "shared seeds"),
      .init("difference", group: "shared seeds"), .init("groups", group: test),
      .init("sign flip", group: test),
    ])
  for row in rows {
    let found = row.result
    table.rows.append(
      cells(across, row.settings) + [
        AcrossRho(rawValue: found.rho)?.text ?? found.rho,
        NumberText.interval(found.first, digits: 2), NumberText.interval(found.second, digits: 2),
        "\(found.paired.count)", NumberText.interval(found.paired, digits: 2), pText(found.groups),
        pText(found.signFlip),
      ])
  }
  let few = rows.contains { $0.result.groups.isSignificant == nil || $0.result.signFlip.isSignificant == nil }
  return "Reversal minus sorting\n" + table.render() + (few ? noClaim : "")
}

private func pText(_ test: TestSummary) -> String {
  NumberText.fixed(test.pValue, digits: 4) + (test.isSignificant == nil ? " *" : "")
}

private func depthText(_ across: AcrossStudies) -> String? {
  guard across.settings.contains("layers") else { return nil }
  let title = "Depth: mean rank correlation of layers and rho within a seed\n"
  guard !across.depth.isEmpty else {
    return title
      + "None: at least \(WithinSeedTrend.fewestPlaces) studies that differ only in depth are needed.\n"
  }
  var table = TableText(columns: [
    .init("task", .left), .init("rho with", .left), .init("layers", .left), .init("n"), .init("correlation"),
    .init("p"),
  ])
  for row in across.depth {
    table.rows.append([
      row.name, AcrossRho(rawValue: row.rho)?.text ?? row.rho,
      row.layers.map(String.init).joined(separator: " "), "\(row.trend.count)",
      NumberText.interval(row.trend, digits: 2), pText(row.test),
    ])
  }
  let budgets = firstSeen(across.depth.flatMap(\.budgets))
  let spent = budgets.isEmpty ? "" : "The studies also differ in \(budgets.joined(separator: ", ")).\n"
  let few = across.depth.contains { $0.test.isSignificant == nil }
  return title + table.render() + spent
    + "n: seeds with at least \(WithinSeedTrend.fewestPlaces) depths\n" + (few ? noClaim : "")
}
