import Statistics

/// The comparison of studies as tables, with the files `across`, `across_reversal`, `across_depth`, `across_training_variance` and `across_roles`.
package func acrossTables(_ across: AcrossStudies) -> [Table] {
  [
    heading(across), trainingTable(across), rhoTable(across), acrossFile(across), differenceTable(across),
    reversalFile(across), depthTable(across), depthFile(across),
    trainingVarianceTable(across), rolesTable(across),
  ].compactMap(\.self)
}

private let fewSeeds = "* fewer than six seeds: no claim"
private let noClaim = "* fewer than six seeds, or no test: no claim"

private func heading(_ across: AcrossStudies) -> Table {
  Table(
    title: "Across studies: \(across.folders.joined(separator: ", "))",
    notes: [
      "Brackets hold 95 % confidence intervals over seeds. All seeds count, also those outside the accuracy window."
    ]
      + (across.quick.isEmpty
        ? [] : ["QUICK (cut short, not the full settings): \(across.quick.joined(separator: ", "))"]))
}

/// One column for each setting in which the studies differ.
private func shown<Row>(_ across: AcrossStudies, _ settings: @escaping (Row) -> [String: Setting]) -> [Table
  .Field<Row>]
{
  across.settings.map { key in .shown(key, .left) { .text(settings($0)[key]?.description) } }
}

/// The same for files; the folder has a column of its own there.
private func files<Row>(_ names: [String], _ settings: @escaping (Row) -> [String: Setting]) -> [Table.Field<
  Row
>] {
  names.filter { $0 != AcrossStudies.folderKey }.map { key in
    .file(key) { settings($0)[key].map(Cell.setting) ?? .missing }
  }
}

private func seedsCell(_ row: AcrossStudies.Row) -> Cell {
  .count(row.seeds.count).marked(row.hasFewSeeds ? " *" : "")
}

private func trainingTable(_ across: AcrossStudies) -> Table {
  Table(
    title: "Training, and accuracy out of distribution (shares of seeds: Wilson's intervals)",
    rows: across.rows, notes: across.rows.contains(where: \.hasFewSeeds) ? [fewSeeds] : [],
    [.shown("task", .left) { .text($0.task) }] + shown(across, \.settings) + [
      .shown("seeds") { seedsCell($0) },
      .shown("converged") { .estimate($0.converged, digits: 2) },
      .shown("training steps") { .estimate($0.steps, digits: 0) },
      .shown("accuracy") { .estimate($0.accuracy, digits: 2) },
      .shown("in window") { .estimate($0.inWindow, digits: 2) },
    ])
}

private func rhoTable(_ across: AcrossStudies) -> Table {
  let kinds = AcrossRho.allCases.filter { kind in
    across.rows.contains { ($0.rho(kind)?.mean.count ?? 0) > 0 }
  }
  let others = kinds.contains(.integratedGradients) ? ", and of integrated gradients," : ""
  let title = "Mean rho of the published gradient score\(others) with the effect of ablation"
  guard !kinds.isEmpty else { return Table(title: title, notes: ["No seed has such a rho."]) }
  return Table(
    title: title, rows: across.rows,
    notes: (across.rows.contains(where: \.hasFewSeeds) ? [fewSeeds] : [])
      + across.rows.flatMap { row in kinds.compactMap { missingText($0, row) } },
    [.shown("task", .left) { .text($0.task) }] + shown(across, \.settings) + [
      .shown("seeds") { seedsCell($0) }
    ]
      + kinds.map { kind in .shown(kind.text) { rhoCell($0.rho(kind)?.mean, of: $0.seeds.count) } })
}

/// A rho, with n if some seeds have no value.
private func rhoCell(_ value: SeedMean?, of seeds: Int) -> Cell {
  guard let value, value.count > 0 else { return .missing }
  return .estimate(value, digits: 2).marked(value.count == seeds ? "" : " (n \(value.count))")
}

/// Why some seeds lack a rho. Rhos that a protocol does not measure are not mentioned.
private func missingText(_ kind: AcrossRho, _ row: AcrossStudies.Row) -> String? {
  let missing = (row.rho(kind)?.missing ?? []).filter { $0.reason != MissingSeed.notMeasured }
  guard !missing.isEmpty else { return nil }
  return "\(row.folder), \(row.task): no rho with \(kind.text) for \(missingText(missing))"
}

/// `across`: one row for each study and task.
private func acrossFile(_ across: AcrossStudies) -> Table {
  let start: [Table.Field<AcrossStudies.Row>] =
    [.file("folder") { .text($0.folder) }] + files(across.settings, \.settings)
  let training: [Table.Field<AcrossStudies.Row>] = [
    .file("task") { .text($0.task) }, .file("seeds") { .count($0.seeds.count) },
    .share("converged") { $0.converged }, .share("in_window") { $0.inWindow },
    .mean(key: "steps") { $0.steps }, .mean(key: "accuracy") { $0.accuracy },
  ]
  return Table(
    "across", title: "Studies", rows: across.rows, isShown: false,
    start + training
      + AcrossRho.allCases.map { kind in .mean(key: "rho_\(kind.rawValue)") { $0.rho(kind)?.mean } })
}

private func differenceTable(_ across: AcrossStudies) -> Table {
  let rows = across.reversalAgainstSorting.filter { $0.result.first.count > 0 && $0.result.second.count > 0 }
  let few = rows.contains { $0.result.groups.isSignificant == nil || $0.result.signFlip.isSignificant == nil }
  let test = "p, reversal larger"
  return Table(
    title: "Reversal minus sorting", rows: rows, notes: few ? [noClaim] : [],
    shown(across, \.settings) + [
      .shown("rho with", .left) { .text(AcrossRho.text($0.result.rho)) },
      .shown("reversal") { .estimate($0.result.first, digits: 2) },
      .shown("sorting") { .estimate($0.result.second, digits: 2) },
      .shown("n", group: "shared seeds") { .count($0.result.paired.count) },
      .shown("difference", group: "shared seeds") { .estimate($0.result.paired, digits: 2) },
      .shown("groups", group: test) { pCell($0.result.groups) },
      .shown("sign flip", group: test) { pCell($0.result.signFlip) },
    ])
}

/// `across_reversal`: reversal compared with sorting in each study.
private func reversalFile(_ across: AcrossStudies) -> Table {
  Table(
    "across_reversal", title: "Reversal minus sorting", rows: across.reversalAgainstSorting, isShown: false,
    [.file("folder") { .text($0.folder) }] + files(across.settings, \.settings) + [
      .file("rho") { .text($0.result.rho) },
      .mean(key: "reversal") { $0.result.first }, .mean(key: "sorting") { $0.result.second },
      .mean(key: "difference") { $0.result.paired },
      .file("groups_p") { .number($0.result.groups.pValue) },
      .file("groups_significant") { .flag($0.result.groups.isSignificant) },
      .file("sign_flip_p") { .number($0.result.signFlip.pValue) },
      .file("sign_flip_significant") { .flag($0.result.signFlip.isSignificant) },
    ])
}

private func depthTable(_ across: AcrossStudies) -> Table? {
  guard across.settings.contains("layers") else { return nil }
  let title = "Depth: mean rank correlation of layers and rho within a seed"
  let fewest = WithinSeedTrend.fewestPlaces
  guard !across.depth.isEmpty else {
    return Table(
      title: title, notes: ["None: at least \(fewest) studies that differ only in depth are needed."])
  }
  let budgets = firstSeen(across.depth.flatMap(\.budgets))
  let few = across.depth.contains { $0.test.isSignificant == nil }
  return Table(
    title: title, rows: across.depth,
    notes: (budgets.isEmpty ? [] : ["The studies also differ in \(budgets.joined(separator: ", "))."])
      + ["n: seeds with at least \(fewest) depths"] + (few ? [noClaim] : []),
    [
      .shown("task", .left) { .text($0.name) },
      .shown("rho with", .left) { .text(AcrossRho.text($0.rho)) },
      .shown("layers", .left) { .text($0.layers.map(String.init).joined(separator: " ")) },
      .shown("n") { .count($0.trend.count) },
      .shown("correlation") { .estimate($0.trend, digits: 2) },
      .shown("p") { pCell($0.test) },
    ])
}

/// `across_depth`.
private func depthFile(_ across: AcrossStudies) -> Table {
  Table(
    "across_depth", title: "Depth", rows: across.depth, isShown: false,
    [.file("task") { .text($0.task) }]
      + files(Set(across.depth.flatMap(\.fixed.keys)).sorted(), \.fixed) + [
        .file("rho") { .text($0.rho) },
        .file("layers") { .text($0.layers.map(String.init).joined(separator: " ")) },
        .file("budgets") { .text($0.budgets.joined(separator: " ")) },
        .mean(key: "correlation") { $0.trend },
        .file("sign_flip_p") { .number($0.test.pValue) },
        .file("significant") { .flag($0.test.isSignificant) },
      ])
}

/// `across_training_variance`: how much of rho's variance the data and the initial parameters make.
private func trainingVarianceTable(_ across: AcrossStudies) -> Table? {
  guard across.settings.contains(TrainingVariance.settingKey) else { return nil }
  let rows = across.trainingVariance
  func share(_ title: String, _ key: String, _ value: @escaping (TrainingVariance) -> SeedMean)
    -> [Table.Field<TrainingVariance>]
  {
    [
      .shown(title, group: "share of the variance") { .estimate(value($0), digits: 2) },
      .mean(key: key, value),
    ]
  }
  return Table(
    "across_training_variance", title: "What moves rho between trainings: data or initial parameters",
    rows: rows,
    notes: [
      rows.isEmpty
        ? "None: at least three initial seeds, each with the same three seeds of data, are needed."
        : "Data: which samples, in which order, in training and in measurement. Rest: both together, and the noise of the measurement."
    ],
    [.both("task", key: "task", .left) { .text($0.name) }]
      + files(Set(rows.flatMap(\.fixed.keys)).sorted(), \.fixed) + [
        .file("rho") { .text($0.rho) },
        .shown("rho with", .left) { .text(AcrossRho.text($0.rho)) },
        .both("data seeds", key: "data_seeds") { .count($0.dataSeeds.count) },
        .both("initial seeds", key: "initial_seeds") { .count($0.initialSeeds.count) },
        .both("deviation") { .number($0.deviation, digits: 3) },
      ] + share("data", "data", \.data) + share("initial parameters", "initialisation", \.initialisation)
      + share("rest", "rest", \.rest))
}

/// `across_roles`: how alike trainings rank the heads of a layer.
private func rolesTable(_ across: AcrossStudies) -> Table? {
  guard across.settings.contains(TrainingVariance.settingKey) else { return nil }
  let rows = across.roles
  let (agreement, test) = ("rank correlation of two trainings with the same", "p, more alike than others")
  return Table(
    "across_roles", title: "Heads' roles: how alike two trainings rank the heads of a layer", rows: rows,
    notes: [
      rows.isEmpty
        ? "None: at least three initial seeds, each with the same three seeds of data whose models tell heads of a layer apart, are needed."
        : "Ranks are within layers, and correlated over all layers together. Means over pairs of models; one-sided permutation tests."
    ] + (rows.contains { $0.initialisationTest.isSignificant == nil } ? [noClaim] : []),
    [.both("task", key: "task", .left) { .text($0.name) }]
      + files(Set(rows.flatMap(\.fixed.keys)).sorted(), \.fixed) + [
        .file("measure") { .text($0.measure) },
        .shown("heads by", .left) { .text(RoleMeasure(rawValue: $0.measure)?.text ?? $0.measure) },
        .both("data seeds", key: "data_seeds") { .count($0.dataSeeds.count) },
        .both("initial seeds", key: "initial_seeds") { .count($0.initialSeeds.count) },
        .shown("initial parameters", group: agreement) { .estimate($0.sameInitialisation, digits: 2) },
        .mean(key: "same_initialisation") { $0.sameInitialisation },
        .shown("data", group: agreement) { .estimate($0.sameData, digits: 2) },
        .mean(key: "same_data") { $0.sameData },
        .shown("neither", group: agreement) { .estimate($0.neither, digits: 2) },
        .mean(key: "neither") { $0.neither },
        .shown("initial parameters", group: test) { pCell($0.initialisationTest) },
        .file("initialisation_p") { .number($0.initialisationTest.pValue) },
        .shown("data", group: test) { pCell($0.dataTest) },
        .file("data_p") { .number($0.dataTest.pValue) },
      ])
}

extension AcrossStudies.Row {
  /// Whether the row has fewer seeds than a claim needs.
  fileprivate var hasFewSeeds: Bool { seeds.count < SignFlipResult.fewestSeedsForAClaim }
}

extension AcrossRho {
  /// The words for a name in a record; the name itself if it is another one.
  fileprivate static func text(_ name: String) -> String { AcrossRho(rawValue: name)?.text ?? name }
}

extension Cell {
  /// The value of a setting; a whole number has no decimals.
  fileprivate static func setting(_ setting: Setting) -> Cell {
    switch setting {
    case .flag(let flag): .flag(flag)
    case .number(let number): setting.whole.map { .count($0) } ?? .number(number)
    case .text(let text): .text(text)
    }
  }
}

extension Table.Field {
  /// A share of seeds, with the columns of a mean.
  fileprivate static func share(_ key: String, _ share: @escaping (Row) -> SeedShare) -> Self {
    Self(column: .init(keys: meanKeys(key)), cell: { .estimate(share($0), digits: 2) })
  }
}
