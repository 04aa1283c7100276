import Concurrency
import Digests
import Errors
import Records

extension StudyReport {
  /// All sections but the verdicts, in the order of the page.
  func sections(_ figures: [String: Figure]) -> [Page.Section] {
    let tasks = summary.tasks
    let checksums = concurrentMap(runs, Self.checksum)
    let found = summary.rigorous?.tasks ?? []
    func all(_ names: String...) -> [Figure] {
      names.flatMap { name in [figures[name]] + tasks.map { figures["\(name)-\($0.task)"] } }
        .compactMap(\.self)
    }
    return [
      Page.Section(
        id: "map", title: "Layer × head map",
        paragraphs: runs.isEmpty
          ? []
          : [
            "Where the gradient misjudges. Pick a component anywhere on this page, and it is marked everywhere."
          ],
        figures: all("map"), isExplorer: true),
      Page.Section(
        id: "scatter", title: "Gradient against causal importance", figures: all("scatter")),
      Page.Section(
        id: "ranks", title: "Heroes and bloats", figures: all("rank-difference", "frequency"),
        tables: tasks.map { frequencyTable($0, paper) } + tasks.compactMap { classLayersTable($0, paper) }
          + found.map(classesTable) + runs.compactMap(keyGroupsTable)),
      Page.Section(
        id: "matrix", title: "Scores and interventions", figures: all("matrix", "rho"),
        tables: found.flatMap {
          [scoresTable($0), contrastsTable($0), choiceTable($0), varianceTable($0), flipsTable($0)]
            + matrixTables($0) + [
              reliabilityTable($0)
            ]
        } + (summary.rigorous.map { [comparisonTable($0), causalComparisonTable($0)] } ?? [])),
      Page.Section(
        id: "pairs", title: "Interactions and redundancy", figures: all("pairs"),
        tables: found.flatMap { [jointTable($0), pairsTable($0), shapleyTable($0)] }),
      Page.Section(
        id: "pruning", title: "Pruning", figures: all("pruning", "bloat-pruning"),
        tables: (tasks.isEmpty ? [] : [pruningTable(summary, paper)])
          + tasks.compactMap { bloatPruningTable($0, paper) }
          + tasks.compactMap { jointAblationsTable($0, paper) } + found.map(predictionTable)),
      Page.Section(
        id: "faithfulness", title: "Faithfulness", figures: all("faithfulness"),
        tables: found.flatMap(faithfulnessTables)),
      Page.Section(
        id: "lengths", title: "Lengths and tasks", figures: all("lengths"),
        tables: found.map(lengthsTable) + (summary.rigorous.map { [ladderTable($0.ladder)] } ?? [])),
      Page.Section(
        id: "decomposition", title: "From the published rho to the rigorous one",
        figures: all("decomposition"),
        tables: found.map { decompositionTable($0.task, $0.decomposition) }),
      Page.Section(id: "training", title: "Training", figures: all("training", "loss")),
      paperSection(all("alignment")), runsSection(checksums), provenanceSection(checksums),
      Page.Section(
        id: "data", title: "Data",
        paragraphs: [
          "This file holds the scores of every component of every run, rounded to six digits. The folder tables/ beside it has them, and all "
            + "tables above, as CSV and JSON Lines with all digits; figures/ has the figures as SVG."
        ], isData: true),
    ].map { Self.ofComponents.contains($0.id) ? $0.noting(sharedKeys) : $0 }
  }

  /// The sections whose tables are of components and their scores.
  private static let ofComponents: Set = ["ranks", "matrix", "pairs", "pruning", "faithfulness"]

  /// What a score of a head means where heads share keys and values.
  private var sharedKeys: String? {
    let shared = firstSeen(
      runs.compactMap { run in run.configuration.keyHeads.map { (run.configuration.heads, $0) } }.map {
        "\($0) heads of queries share \(counted($1, "head")) of keys and values"
      })
    guard !shared.isEmpty else { return nil }
    return "\(shared.joined(separator: ", ")): a head is scored as if it had its own copy of them."
  }

  private func paperSection(_ figures: [Figure]) -> Page.Section {
    guard !summary.tasks.isEmpty else { return Page.Section(id: "paper", title: "Beside the paper") }
    return Page.Section(
      id: "paper", title: "Beside the paper",
      paragraphs: [
        "The paper: \(paper.source). The same seed gives the same data and initial weights, but not the same model."
      ], figures: figures,
      tables: [alignmentTable(summary, paper), measuresTable(summary)].compactMap(\.self)
        + summary.tasks.map { seedTable($0, paper) } + [laterVersionsTable(summary, paper)])
  }

  /// Every run, after those that do not count and the reasons.
  private func runsSection(_ checksums: [String?]) -> Page.Section {
    Page.Section(
      id: "runs", title: "Runs",
      tables: [
        leftOutTable(summary),
        Table(
          title: "Runs", rows: Array(zip(runs, checksums)),
          [
            .shown("task", .left) { .text($0.0.task) },
            .shown("seed") { .count($0.0.seed) },
            .shown("steps") { .count($0.0.training?.steps) },
            .shown("converged", .left) { .text($0.0.training.map { $0.converged ? "yes" : "no" }) },
            .shown("length") { .count($0.0.ood.length) },
            .shown("accuracy") { .number($0.0.ood.accuracy, digits: 2) },
            .shown("rho") { .number($0.0.rho) },
            .shown("heroes") { .count($0.0.heroes.count) },
            .shown("bloats") { .count($0.0.bloats.count) },
            .shown("remarks", .left) { .text($0.0.notes.joined(separator: "; ")) },
            .shown("checksum", .left) { .text($0.1) },
          ]),
      ])
  }

  /// Over the record without seconds, so that equal runs have equal ones.
  @Sendable private static func checksum(_ run: RunRecord) -> String? {
    try? contentDigest(run.withoutTimings)
  }

  private func provenanceSection(_ checksums: [String?]) -> Page.Section {
    guard let first = runs.first else { return Page.Section(id: "provenance", title: "Provenance") }
    let settings =
      (try? RecordedSettings(protocolName: first.protocolName, configuration: first.configuration))?.values
      ?? [:]
    let versions = firstSeen(runs.flatMap { $0.versions.map { "\($0.key) \($0.value)" }.sorted() })
    let devices = firstSeen(
      runs.map {
        "\($0.device.selector): \($0.device.name)\($0.device.driver.map { ", driver \($0)" } ?? "")"
      })
    var checksum = Checksum()
    for digest in checksums { checksum.combine(digest ?? "") }
    return Page.Section(
      id: "provenance", title: "Provenance",
      tables: [
        Table(
          title: "What made these numbers",
          rows: StudyCommandText(summary, runs).commands.map { ("command for runs like these", $0) }
            + [("versions", versions.joined(separator: ", "))]
            + devices.map { ("device", $0) }
            + settings.sorted { $0.key < $1.key }.map { ($0.key, $0.value.description) }
            + [
              ("tasks", summary.tasks.map(\.task).joined(separator: ", ")),
              (
                "seeds",
                firstSeen(runs.map(\.seed)).sorted().map(String.init).joined(separator: ", ")
              ), ("checksum of all records", checksum.digest),
            ],
          [.shown("what", .left) { .text($0.0) }, .shown("value", .left) { .text($0.1) }])
      ])
  }
}
