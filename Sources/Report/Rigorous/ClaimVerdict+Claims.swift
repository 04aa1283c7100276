import Records
import Statistics
import Tasks

extension ClaimVerdict {
  /// The verdicts on all claims about which the records say something.
  static func all(_ summary: RigorousSummary) -> [ClaimVerdict] {
    summary.tasks.flatMap { alignment($0) }
      + summary.reversalAgainstSorting.map { reversalExceedsSorting($0) }
      + complexity(summary.ladder)
      + summary.tasks.flatMap { task in
        [heroesAreLate(task), heroesMatterMore(task.task, task.pruning), bloatsAreSpare(task)] + bimodal(task)
          + redundancy(task)
          + normalised(task) + [predictable(task)]
      }
  }

  /// A rho between the paper's 0.73 for reversal and 0.32 for sorting.
  static let alignmentThreshold = 0.5
  /// The loss of exact-match accuracy below which a pruning counts as free.
  static let spareLoss = 0.05
  /// The ratio in the paper's third version: the joint effect of all bloats divided by the sum of their
  /// single effects.
  static let papersJointRatio = 14.0

  private static func alignment(_ task: RigorousSummary.TaskFindings) -> [ClaimVerdict] {
    let isHigh: Bool
    switch task.task {
    case IntegerTask.reverse.name: isHigh = true
    case IntegerTask.sort.name: isHigh = false
    default: return []
    }
    return RhoKind.allCases.compactMap { kind in
      task.rhos[kind.rawValue].map { rho in
        ClaimVerdict(
          .alignment,
          isHigh
            ? "gradient and causal importance agree on reversal (\(kind.text))"
            : "gradient and causal importance diverge on sorting (\(kind.text))",
          task: task.task, rho, isHigh ? .above : .below, of: alignmentThreshold, name: "mean rho",
          rule: "the 95 % interval of the mean rho lies \(isHigh ? "above" : "below") \(alignmentThreshold)")
      }
    }
  }

  static func reversalExceedsSorting(_ found: TaskComparison) -> ClaimVerdict {
    let kind = RhoKind(rawValue: found.rho)?.text ?? found.rho
    let isPaired = found.signFlip.seeds >= SignFlipResult.fewestSeedsForAClaim
    let pair = "difference over shared seeds \(NumberText.interval(found.paired, digits: 3))"
    let means =
      "reversal \(NumberText.interval(found.first, digits: 3)), "
      + "sorting \(NumberText.interval(found.second, digits: 3)), \(pair)"
    return ClaimVerdict(
      .comparison,
      "rho on reversal exceeds rho on sorting (\(kind))", task: nil, isPaired ? found.signFlip : found.groups,
      opposite: isPaired ? found.opposite : nil, numbers: means,
      rule: isPaired
        ? "one-sided sign-flip test over shared seeds, p ≤ 0.05"
        : "one-sided permutation test of groups, p ≤ 0.05")
  }

  private static func complexity(_ ladder: TaskLadder) -> [ClaimVerdict] {
    guard ladder.rows.count >= TaskLadder.fewestTasks else { return [] }
    let claimed = ladder.test.isSignificant == true ? ladder.trend.mean.map { $0 < 0 } : nil
    return [
      ClaimVerdict(
        .ladder,
        "rho falls as tasks become more complex", task: nil, claimed, seeds: ladder.test.seeds,
        numbers: "mean rank correlation of rung and rho \(NumberText.interval(ladder.trend, digits: 3)) over "
          + "\(ladder.rows.count) tasks; \(NumberText.pValue(ladder.test))",
        rule: "two-sided sign-flip test of the seeds' correlations of rung and rho, p ≤ 0.05, and their sign")
    ]
  }

  private static func heroesAreLate(_ task: RigorousSummary.TaskFindings) -> ClaimVerdict {
    let test = task.classes.heroesLate
    return ClaimVerdict(
      .classes,
      "heroes are late, bloats early", task: task.task, test, opposite: nil,
      numbers:
        "heroes lie \(NumberText.interval(task.classes.heroesLater, digits: 2)) layers later in the seeds with both",
      rule: "one-sided permutation of classes within seeds, p ≤ 0.05")
  }

  static func heroesMatterMore(_ task: String, _ found: PruningContrast) -> ClaimVerdict {
    ClaimVerdict(
      .pruning,
      "pruning heroes costs more than pruning bloats", task: task, found.heroesWorse,
      opposite: found.bloatsWorse,
      numbers: "fall with heroes pruned \(NumberText.interval(found.heroes, digits: 3)), with bloats "
        + "\(NumberText.interval(found.bloats, digits: 3))",
      rule: "one-sided sign-flip test of the difference over seeds, p ≤ 0.05")
  }

  private static func bloatsAreSpare(_ task: RigorousSummary.TaskFindings) -> ClaimVerdict {
    ClaimVerdict(
      .pruning,
      "bloats can be pruned without loss in distribution", task: task.task, task.pruning.bloatsInDistribution,
      .below, of: spareLoss, name: "mean fall",
      rule: "the 95 % interval of the mean fall lies below \(spareLoss) (does not hold: above)")
  }

  private static func bimodal(_ task: RigorousSummary.TaskFindings) -> [ClaimVerdict] {
    [
      ("out of distribution", task.classes.bloatDip),
      ("in distribution", task.classes.bloatDipInDistribution),
    ].map { place, dip in
      ClaimVerdict(
        .pruning,
        "bloat pruning is bimodal \(place): harmless or catastrophic", task: task.task, dip, opposite: nil,
        numbers: "dip \(NumberText.fixed(dip.statistic, digits: 3)) of the joint effect of all bloats, "
          + NumberText.seeds(dip.seeds),
        rule: "Hartigan's dip test, p ≤ 0.05; a single mode cannot be proved")
    }
  }

  private static func redundancy(_ task: RigorousSummary.TaskFindings) -> [ClaimVerdict] {
    guard
      let row = task.redundancy.sets.first(where: {
        $0.set == RecordNames.ComponentSet.allBloats && $0.effect == CausalKey.mean.effect
      })
    else { return [] }
    let interval = row.seeds >= SignFlipResult.fewestSeedsForAClaim ? row.ratioInterval : nil
    let numbers =
      "ratio of means \(NumberText.interval(row.ratio, row.ratioInterval, digits: 2)), "
      + NumberText.seeds(row.seeds)
    return [
      ClaimVerdict(
        .redundancy,
        "all bloats together cost more than the sum of each", task: task.task,
        interval.flatMap { $0.lower > 1 ? true : $0.upper < 1 ? false : nil }, seeds: row.seeds,
        numbers: numbers,
        rule: "Fieller's 95 % interval of the ratio lies above 1 (does not hold: below)"),
      ClaimVerdict(
        .redundancy,
        "all bloats together cost \(Int(papersJointRatio)) times the sum of each", task: task.task,
        interval.flatMap { found in
          // The ratio is near the paper's only if the interval also excludes 1.
          found.contains(papersJointRatio) ? (found.contains(1) ? nil : true) : false
        }, seeds: row.seeds, numbers: numbers,
        rule: "Fieller's 95 % interval of the ratio holds 14 and not 1 (does not hold: excludes 14)"),
    ]
  }

  private static func normalised(_ task: RigorousSummary.TaskFindings) -> [ClaimVerdict] {
    guard
      let change = task.decomposition.steps.first(where: {
        $0.step == RecordNames.Step.normaliseGradient.rawValue
      })?.change
    else { return [] }
    let claimed = change.test.isSignificant == true ? change.mean.mean.map { $0 < 0 } : nil
    return [
      ClaimVerdict(
        .decomposition,
        "normalising the gradient by its parameters lowers rho", task: task.task, claimed,
        seeds: change.test.seeds,
        numbers: "change of rho \(NumberText.interval(change.mean, digits: 3)); "
          + NumberText.pValue(change.test),
        rule: "two-sided sign-flip test of the step's change, p ≤ 0.05, and its sign")
    ]
  }

  private static func predictable(_ task: RigorousSummary.TaskFindings) -> ClaimVerdict {
    let found = task.prediction
    return ClaimVerdict(
      .pruning,
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
