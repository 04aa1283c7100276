import Records
import Statistics
import Tasks

extension ClaimVerdict {
  /// The verdicts on all claims about which the records say something: those that are decided together, then those that are looked at beside
  /// them.
  static func all(
    _ summary: RigorousSummary, _ tasks: [(task: String, runs: [RigorousRun])], _ draws: ReportDraws
  ) -> [ClaimVerdict] {
    decide(SeedClaim.paper(tasks, draws), draws)
      + summary.tasks.flatMap(alignmentAsPublished) + complexity(summary.ladder)
      + summary.tasks.flatMap { task in
        (task.task == IntegerTask.sort.name ? [] : [bloatsAreSpare(task)]) + bimodal(task) + [
          predictable(task)
        ]
      }
  }

  private static func alignmentAsPublished(_ task: RigorousSummary.TaskFindings) -> [ClaimVerdict] {
    let isHigh: Bool
    switch task.task {
    case IntegerTask.reverse.name: isHigh = true
    case IntegerTask.sort.name: isHigh = false
    default: return []
    }
    let kind = RhoKind.published
    return task.rhos[kind.rawValue].map { rho in
      [
        ClaimVerdict(
          exploratory: .alignment,
          isHigh
            ? "gradient and causal importance agree on reversal (\(kind.text))"
            : "gradient and causal importance diverge on sorting (\(kind.text))",
          task: task.task, rho, isHigh ? .above : .below, of: SeedClaim.middleRho, name: "mean rho",
          rule: "the 95 % interval of the mean rho lies \(isHigh ? "above" : "below") \(SeedClaim.middleRho)")
      ]
    } ?? []
  }

  private static func complexity(_ ladder: TaskLadder) -> [ClaimVerdict] {
    guard ladder.rows.count >= TaskLadder.fewestTasks else { return [] }
    let claimed = ladder.test.isSignificant == true ? ladder.trend.mean.map { $0 < 0 } : nil
    return [
      ClaimVerdict(
        exploratory: .ladder,
        "rho falls as tasks become more complex", task: nil, claimed, seeds: ladder.test.seeds,
        numbers: "mean rank correlation of rung and rho \(NumberText.interval(ladder.trend, digits: 3)) over "
          + "\(ladder.rows.count) tasks; \(NumberText.pValue(ladder.test))",
        rule: "two-sided sign-flip test of the seeds' correlations of rung and rho, p ≤ 0.05, and their sign")
    ]
  }

  private static func bloatsAreSpare(_ task: RigorousSummary.TaskFindings) -> ClaimVerdict {
    ClaimVerdict(
      exploratory: .pruning,
      "bloats can be pruned without loss in distribution", task: task.task, task.pruning.bloatsInDistribution,
      .below, of: SeedClaim.spareLoss, name: "mean fall",
      rule: "the 95 % interval of the mean fall lies below \(SeedClaim.spareLoss) (does not hold: above)")
  }

  private static func bimodal(_ task: RigorousSummary.TaskFindings) -> [ClaimVerdict] {
    [
      ("out of distribution", task.classes.bloatDip),
      ("in distribution", task.classes.bloatDipInDistribution),
    ].map { place, dip in
      ClaimVerdict(
        exploratory: .pruning,
        "bloat pruning is bimodal \(place): harmless or catastrophic", task: task.task,
        dip.isSignificant == true ? true : nil, seeds: dip.seeds,
        numbers: "dip \(NumberText.fixed(dip.statistic, digits: 3)) of the joint effect of all bloats, "
          + "\(NumberText.seeds(dip.seeds)); \(NumberText.pValue(dip))",
        rule: "Hartigan's dip test, p ≤ 0.05; a single mode cannot be proved")
    }
  }

  private static func predictable(_ task: RigorousSummary.TaskFindings) -> ClaimVerdict {
    let found = task.prediction
    return ClaimVerdict(
      exploratory: .pruning,
      "harmless and catastrophic bloats can be distinguished before pruning", task: task.task,
      found.predicts.flatMap { predicts in
        predicts ? true : (found.interval?.upper ?? 1) < 0.5 ? false : nil
      }, seeds: found.seedsWithBoth,
      numbers: found.area == nil
        ? "no area: \(found.reason ?? "nothing to predict")"
        : "area under the curve \(NumberText.interval(found.area, found.interval, digits: 2))"
          + (found.reason.map { " (\($0))" } ?? ""),
      rule: "the 95 % interval of the area lies above 0.5 (does not hold: below)")
  }
}
