import Errors
import Records
import Statistics

extension StudyReport {
  /// The report on one screen of a terminal: what the records say of the paper's claims, the rhos behind it, and which
  /// of them to quote. `text` has all tables.
  package var brief: String {
    ([heading] + [cautions, verdictLines, rhoLines].filter { !$0.isEmpty })
      .map { $0.map { "\($0)\n" }.joined() }.joined(separator: "\n")
  }

  private var heading: [String] {
    let tasks = summary.tasks.map { Words.task($0.task, seeds: $0.seeds.count) }.joined(separator: ", ")
    return wrapped("\(tasks); protocol \(summary.protocolName ?? "unknown")", indent: "")
  }

  /// What a reader must know before believing the numbers.
  private var cautions: [String] {
    var lines: [String] = []
    if let configuration = summary.configuration, configuration.quick {
      lines += wrapped(
        "QUICK: training was cut short after at most \(configuration.maxSteps) steps. It shows that everything works and what comes out; "
          + "its numbers are not the study's.", indent: "  ")
    }
    if summary.tasks.contains(where: { $0.seeds.count < SignFlipResult.fewestSeedsForAClaim }) {
      lines.append("FEW SEEDS: nothing is claimed with fewer than six.")
    }
    for task in summary.tasks where !task.unconverged.isEmpty || !task.outsideWindow.isEmpty {
      lines += wrapped(
        "\(Words.of(task.task)): \(task.unconverged.count) of \(task.seeds.count) not converged, "
          + "\(task.outsideWindow.count) outside the accuracy window", indent: "  ")
    }
    return lines + failureLines
  }

  /// The first runs that ended without a record, and how many more there are.
  private var failureLines: [String] {
    let (failures, most) = (summary.failures, 3)
    guard !failures.isEmpty else { return [] }
    let named = failures.prefix(most).map { "\($0.task), seed \($0.seed): \($0.reason)" }
    let more = failures.count > most ? ["and \(failures.count - most) more"] : []
    return wrapped(
      "FAILED: \(counted(failures.count, "run")) ended without a record (\((named + more).joined(separator: "; ")))",
      indent: "  ")
  }

  /// The claims that are decided, and how many are not.
  private var verdictLines: [String] {
    let verdicts = summary.rigorous?.verdicts ?? ClaimVerdict.described(summary, runs)
    guard !verdicts.isEmpty else { return [] }
    func count(_ outcome: ClaimVerdict.Outcome) -> Int { verdicts.filter { $0.outcome == outcome }.count }
    let decided = verdicts.filter { $0.outcome != .inconclusive }
    let most = 12
    return [
      "The paper's claims: \(count(.holds)) hold (+), \(count(.doesNotHold)) do not (-), \(count(.inconclusive)) inconclusive"
    ]
      + decided.prefix(most).flatMap { verdict in
        wrapped("\(verdict.outcome == .holds ? "+" : "-") \(Self.claim(verdict))", indent: "    ").map {
          "  \($0)"
        }
      }
      + (decided.count > most ? ["  and \(decided.count - most) more"] : [])
  }

  /// Mean rho by task, and which ablation to quote.
  private var rhoLines: [String] {
    let table = summary.rigorous.map(rigorousRhos) ?? rhos
    return table.text.split(separator: "\n").map(String.init)
  }

  private func rigorousRhos(_ rigorous: RigorousSummary) -> Table {
    Table(
      title: "Mean rho of gradient and causal importance, with 95 % intervals over seeds",
      rows: rigorous.tasks,
      notes: wrapped(
        "Quote mean ablation, corrected for attenuation where it is estimable: it removes a head before W_O. \"As published\" overwrites "
          + "a part of what all heads write, on few samples.", indent: ""),
      [
        .shown("task", .left) { .text(Words.of($0.task)) }, .shown("n") { .count($0.seeds.count) },
        .shown("as published") { .estimate($0.rhos[RhoKind.published.rawValue], digits: 2) },
        .shown("mean ablation") { .estimate($0.rhos[RhoKind.meanAblation.rawValue], digits: 2) },
        .shown("corrected") { .estimate($0.rhos[RhoKind.corrected.rawValue], digits: 2) },
      ])
  }

  private var rhos: Table {
    let (mean, published) = (RecordNames.Method.mean, RecordNames.Method.published)
    let hasBoth = summary.tasks.contains { $0.measures[mean] != nil && $0.measures[published] != nil }
    func columns(_ group: String, _ name: String) -> [Table.Field<TaskSummary>] {
      guard summary.tasks.contains(where: { $0.measures[name] != nil }) else { return [] }
      return [
        .shown("rho", group: group) {
          .spread($0.measures[name]?.rhoMean, $0.measures[name]?.shownStd, digits: 2)
        },
        .shown("heroes", group: group) { .count($0.measures[name]?.heroes) },
        .shown("bloats", group: group) { .count($0.measures[name]?.bloats) },
      ]
    }
    return Table(
      title: "Mean rho of gradient and causal importance over the seeds in the window"
        + (summary.tasks.contains { $0.alignment.count > 1 } ? ", ± standard deviation" : ""),
      rows: summary.tasks,
      notes: hasBoth
        ? wrapped(
          "Quote mean ablation: it removes a head before W_O. Published ablation, for comparison with the paper, overwrites a part of "
            + "what all heads write.", indent: "")
        : summary.tasks.contains { $0.alignment.count > 0 }
          ? []
          : wrapped(
            "No seed is in the accuracy window, so there is no mean rho. --full shows every seed.", indent: ""
          ),
      [
        .shown("task", .left) { .text(Words.of($0.task)) }, .shown("n") { .count($0.alignment.count) },
      ] + columns("mean ablation", mean) + columns("published ablation", published))
  }
}

/// Lines of at most 80 columns; those after the first are indented.
private func wrapped(_ text: String, indent: String) -> [String] {
  var lines: [String] = []
  var line = ""
  for word in text.split(separator: " ") {
    if line.isEmpty {
      line = String(word)
    } else if line.count + word.count < 78 {
      line += " \(word)"
    } else {
      lines.append(line)
      line = indent + word
    }
  }
  return lines + [line]
}
