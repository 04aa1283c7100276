import Records

extension StudyReport {
  /// The page: verdicts first, then what they rest on.
  package var page: Page {
    let figures = Dictionary(
      self.figures.compactMap { name, figure in figure.map { (name, $0) } },
      uniquingKeysWith: { first, _ in first })
    var sections = sections(figures)
    // A link needs a figure, or at least a section, that exists.
    let places = Set(
      sections.flatMap { [$0.id] + $0.figures.map(\.place) } + ["verdicts"])
    sections.insert(verdictSection(places), at: 0)
    return Page(
      title: title, lead: lead, warnings: warnings, isRunning: isRunning,
      version: firstSeen(runs.compactMap { $0.versions["causalgap"] }).joined(separator: ", "),
      sections: sections, data: PageData.json(summary, runs))
  }

  private var title: String {
    let tasks = summary.tasks.map { Words.of($0.task) }.joined(separator: ", ")
    return tasks.isEmpty
      ? "Gradient and causal importance"
      : "Gradient and causal importance: \(tasks)"
  }

  private var lead: [String] {
    let counts = summary.tasks.map { Words.task($0.task, seeds: $0.seeds.count) }.joined(separator: ", ")
    return [
      "How far the importance that gradients give to attention heads and MLPs is from what happens when they are ablated: "
        + "\(counts.isEmpty ? "no run has finished yet" : counts), protocol \(summary.protocolName ?? "unknown").",
      "A hero matters more when ablated than its gradient suggests; a bloat matters less. Rho is Spearman's rank correlation of both "
        + "importances over the components of a model.",
    ]
  }

  private var warnings: [String] {
    var warnings: [String] = []
    if let configuration = summary.configuration, configuration.quick {
      warnings.append(
        "A quick study: training was cut short after at most \(configuration.maxSteps) steps. Its numbers show that everything works, not "
          + "what full training gives.")
    }
    let few = summary.tasks.filter { $0.seeds.count < 6 }
    if !few.isEmpty {
      warnings.append(
        "Few seeds: \(few.map { Words.task($0.task, seeds: $0.seeds.count) }.joined(separator: ", ")). Nothing is claimed with fewer than six."
      )
    }
    return warnings
  }

  /// The claim with its task, unless it names it itself.
  static func claim(_ verdict: ClaimVerdict) -> String {
    guard let task = verdict.task.map(Words.of), !verdict.claim.contains(task) else { return verdict.claim }
    return "\(task): \(verdict.claim)"
  }

  /// Verdicts as cards, with links to what shows them.
  private func verdictSection(_ places: Set<String>) -> Page.Section {
    let verdicts = summary.rigorous?.verdicts ?? ClaimVerdict.described(summary, runs)
    return Page.Section(
      id: "verdicts", title: "Verdicts",
      paragraphs: summary.tasks.isEmpty
        ? ["No run has finished yet."]
        : [
          "What the records say about the paper's claims; brackets hold 95 % confidence intervals over seeds. "
            + "\(counts(verdicts.map(\.outcome)))."
        ],
      verdicts: verdicts.map { verdict in
        Page.Verdict(
          claim: Self.claim(verdict),
          verdict.outcome, seeds: verdict.seeds, numbers: verdict.numbers, rule: verdict.rule,
          link: verdict.places.first(where: places.contains).map { "#\($0)" })
      })
  }

  /// `Holds: 3; does not hold: 2; inconclusive: 7`
  private func counts(_ outcomes: [ClaimVerdict.Outcome]) -> String {
    let text = [ClaimVerdict.Outcome.holds, .doesNotHold, .inconclusive].map { outcome in
      "\(outcome.text): \(outcomes.filter { $0 == outcome }.count)"
    }.joined(separator: "; ")
    return text.prefix(1).uppercased() + text.dropFirst()
  }
}
