import Records
import Statistics
import Tasks

/// The claims that are decided together: the paper's, and what the place of the ablation and better scores change. They were
/// written down before the runs of the replication (docs/preregistration.md, which numbers them as here).
extension SeedClaim {
  /// The paper's mean rhos (Table 1).
  private static let papersRho = (reversal: 0.73, sorting: 0.32)
  /// A rho between the two.
  static let middleRho = 0.5
  /// A change of rho that is worth finding.
  private static let shift = 0.20
  /// The loss of exact-match accuracy below which a pruning counts as free.
  static let spareLoss = 0.05
  /// The ratio in the paper's third version: the joint effect of all bloats divided by the sum of their
  /// single effects.
  static let papersJointRatio = 14.0
  /// By how much more the paper's third version loses without two heroes than without bloats: 0.364 − 0.101.
  private static let papersPruningContrast = 0.26

  /// - Parameter tasks: the runs of each task.
  static func paper(_ tasks: [(task: String, runs: [RigorousRun])], _ draws: ReportDraws) -> [SeedClaim] {
    let reversal = tasks.first { $0.task == IntegerTask.reverse.name }?.runs
    let sorting = tasks.first { $0.task == IntegerTask.sort.name }?.runs
    return (reversal.flatMap { reversal in sorting.map { between(reversal, $0, draws) } } ?? [])
      + tasks.map { place($0, draws) }
      + (sorting.map { [divergence(on: RhoPlace.before.values($0), kind: RhoPlace.before.mark, draws)] } ?? [])
      + (reversal.map { [agreement(on: RhoPlace.before.values($0), kind: RhoPlace.before.mark, draws)] } ?? [])
      + tasks.flatMap { ofOneTask($0, draws) }
  }

  // MARK: Reversal against sorting

  private static func between(
    _ reversal: [RigorousRun], _ sorting: [RigorousRun], _ draws: ReportDraws
  ) -> [SeedClaim] {
    func rhos(_ rho: RhoPlace) -> (reversal: SeedValues, sorting: SeedValues) {
      (rho.values(reversal), rho.values(sorting))
    }
    let exceeds = RhoPlace.allCases.map { rho in
      let (first, second) = rhos(rho)
      return excess(of: first, over: second, rho.text, draws)
    }
    let (after, before) = (rhos(.after), rhos(.before))
    let values = (after.reversal - after.sorting).differences(before.reversal - before.sorting)
    return exceeds + [
      SeedClaim(
        subject: .comparison,
        claim: "the place of the ablation makes the difference between reversal and sorting",
        task: nil, values: values, side: .above, effect: shift, effectName: "a change of \(shift)",
        numbers: "the difference is larger by \(text(values, draws)) with heads overwritten after W_O",
        value:
          "the difference with heads overwritten after W_O minus the difference with heads ablated before it")
    ]
  }

  /// - Parameter kind: the ablation, or what else tells this rho from others.
  static func excess(
    of reversal: SeedValues, over sorting: SeedValues, _ kind: String?, _ draws: ReportDraws
  ) -> SeedClaim {
    let values = reversal.differences(sorting)
    return SeedClaim(
      subject: .comparison,
      claim: "rho on reversal exceeds rho on sorting" + (kind.map { " (\($0))" } ?? ""), task: nil,
      values: values, side: .above, effect: papersRho.reversal - papersRho.sorting,
      effectName: "the paper's difference",
      numbers: "reversal \(text(reversal, draws)), sorting \(text(sorting, draws)), "
        + "difference over shared seeds \(text(values, draws))",
      value: "rho on reversal minus rho on sorting")
  }

  /// What the place of the ablation changes on one task.
  private static func place(
    _ task: (task: String, runs: [RigorousRun]), _ draws: ReportDraws
  ) -> SeedClaim {
    let values = RhoPlace.before.values(task.runs).differences(RhoPlace.after.values(task.runs))
    return SeedClaim(
      subject: .alignment, claim: "overwriting heads after W_O instead of ablating them before it lowers rho",
      task: task.task, values: values, side: .above, effect: shift, effectName: "a change of \(shift)",
      numbers: "before minus after \(text(values, draws)), \(NumberText.seeds(values.count))",
      value: "rho with heads ablated before W_O minus rho with heads overwritten after it")
  }

  // MARK: The size of rho

  static func divergence(on sorting: SeedValues, kind: String = "", _ draws: ReportDraws) -> SeedClaim {
    alignment(
      sorting, .sort, "gradient and causal importance diverge on sorting\(kind)", .below, papersRho.sorting,
      draws)
  }

  static func agreement(on reversal: SeedValues, kind: String = "", _ draws: ReportDraws) -> SeedClaim {
    alignment(
      reversal, .reverse, "gradient and causal importance agree on reversal\(kind)", .above,
      papersRho.reversal, draws)
  }

  private static func alignment(
    _ rhos: SeedValues, _ task: IntegerTask, _ claim: String, _ side: Side, _ papers: Double,
    _ draws: ReportDraws
  ) -> SeedClaim {
    SeedClaim(
      subject: .alignment, claim: claim, task: task.name, values: rhos.numbers.map { $0 - middleRho },
      side: side,
      effect: papers - middleRho, effectName: "the paper's \(papers)",
      numbers: "mean rho \(text(rhos, draws)), \(NumberText.seeds(rhos.numbers.count))",
      value: "rho minus \(middleRho)")
  }

  // MARK: Claims about one task

  private static func ofOneTask(
    _ found: (task: String, runs: [RigorousRun]), _ draws: ReportDraws
  ) -> [SeedClaim] {
    let (task, runs) = found
    let later = runs.compactMap { run in
      run.meanLayer(of: .hero).flatMap { heroes in run.meanLayer(of: .bloat).map { heroes - $0 } }
    }
    let published = SeedValues(rhosOf: runs, .published, .mean)
    func against(_ score: String) -> [Double] {
      let key = GradientKey(score: score, distribution: RecordNames.Distribution.ood)
      return SeedValues(rhosOf: runs, key, .mean).differences(published)
    }
    let (scaled, patched) = (
      against(RecordNames.Score.rootMeanSquare), against(RecordNames.Score.relevancePatching)
    )
    return [
      SeedClaim(
        subject: .classes, claim: "heroes are late, bloats early", task: task, values: later, side: .above,
        effect: 1,
        effectName: "one layer",
        numbers:
          "heroes lie \(text(later, draws, digits: 2)) layers later in the \(NumberText.seeds(later.count)) with both",
        value: "the mean layer of its heroes minus that of its bloats"),
      pruning(task, runs.compactMap(\.record.pruning), draws),
    ] + redundancy(task, runs, draws) + [
      SeedClaim(
        subject: .decomposition, claim: "normalising the gradient by its parameters lowers rho", task: task,
        values: scaled, side: .below, effect: -shift, effectName: "a change of \(shift)",
        numbers: "change of rho \(text(scaled, draws)), \(NumberText.seeds(scaled.count))",
        value: "rho with the gradient's root mean square minus rho with its norm"),
      SeedClaim(
        subject: .alignment, claim: "relevance patching (RelP) ranks better than the gradient's norm",
        task: task,
        values: patched, side: .above, effect: shift / 2, effectName: "a change of \(shift / 2)",
        numbers: "change of rho \(text(patched, draws)), \(NumberText.seeds(patched.count))",
        value: "rho with RelP minus rho with the gradient's norm"),
    ] + (task == IntegerTask.sort.name ? [spare(task, runs, draws)] : [])
  }

  /// The runs in which both heroes and bloats were pruned.
  static func pruning(_ task: String, _ pruned: [RunRecord.Pruning], _ draws: ReportDraws) -> SeedClaim {
    let values = pruned.compactMap { pruning in
      pruning.pruneHeroes.flatMap { heroes in pruning.pruneBloats.map { $0 - heroes } }
    }
    return SeedClaim(
      subject: .pruning, claim: "pruning heroes costs more than pruning bloats", task: task, values: values,
      side: .above, effect: papersPruningContrast, effectName: "the paper's difference",
      numbers: "heroes cost \(text(values, draws)) more, \(NumberText.seeds(values.count))",
      value: "the accuracy lost without two heroes minus that lost without two bloats")
  }

  /// Whether bloats do together what they do alone, in the seeds with at least two of them.
  private static func redundancy(
    _ task: String, _ runs: [RigorousRun], _ draws: ReportDraws
  ) -> [SeedClaim] {
    let key = JointRow.Key(name: RecordNames.ComponentSet.allBloats, effect: CausalKey.mean.effect)
    let all = runs.compactMap { key.find($0) }
    let found = all.filter { $0.components.count >= 2 }
    let sum = mean(found.map(\.sumOfSingles)) ?? 0
    let row = JointRow(key, all, draws)
    let numbers =
      "together \(text(found.map(\.joint), draws)), sum \(text(found.map(\.sumOfSingles), draws)), "
      + "ratio of means \(NumberText.interval(row.ratio, row.ratioInterval, digits: 2)), \(NumberText.seeds(found.count))"
    return [
      SeedClaim(
        subject: .redundancy, claim: "all bloats together cost more than the sum of each", task: task,
        values: found.map { $0.joint - $0.sumOfSingles }, side: .above, effect: abs(sum) / 2,
        effectName: "half of the sum", numbers: numbers,
        value: "what all bloats cost together minus the sum of what each costs"),
      SeedClaim(
        subject: .redundancy,
        claim: "all bloats together cost \(Int(papersJointRatio)) times the sum of each",
        task: task, values: found.map { $0.joint - papersJointRatio * $0.sumOfSingles }, side: .zero,
        effect: -(papersJointRatio - 1) * abs(sum), effectName: "no redundancy", numbers: numbers,
        value: "what all bloats cost together minus \(Int(papersJointRatio)) times the sum of what each costs"
      ),
    ]
  }

  private static func spare(_ task: String, _ runs: [RigorousRun], _ draws: ReportDraws) -> SeedClaim {
    let losses = PruningContrast.inDistributionLosses(runs.compactMap(\.record.pruning))
    return SeedClaim(
      subject: .pruning, claim: "bloats can be pruned without loss in distribution", task: task,
      values: losses.map { $0 - spareLoss }, side: .below, effect: -spareLoss, effectName: "no loss",
      numbers: "mean fall \(text(losses, draws)), \(NumberText.seeds(losses.count))",
      value: "the accuracy lost in distribution minus \(spareLoss)")
  }

  // MARK: Text

  private static func text(
    _ values: [Double], _ draws: ReportDraws, digits: Int = 3
  ) -> String {
    NumberText.interval(SeedMean(values, draws), digits: digits)
  }

  /// Of rhos.
  private static func text(_ values: SeedValues, _ draws: ReportDraws) -> String {
    NumberText.interval(values.mean(bounds: SeedMean.correlation, draws), digits: 3)
  }
}

/// The rhos whose difference between tasks is claimed: of the published gradient score and exact match.
private enum RhoPlace: CaseIterable {
  /// As the paper's program measures it: after W_O, 100 samples for each accuracy.
  case published
  /// After W_O, on paired samples.
  case after
  /// Heads ablated before W_O, on the same samples.
  case before

  func values(_ runs: [RigorousRun]) -> SeedValues {
    switch self {
    case .published: RhoKind.published.values(runs)
    case .after:
      SeedValues(
        rhosOf: runs, .published,
        CausalKey(method: RecordNames.Method.published, effect: CausalKey.mean.effect))
    case .before: RhoKind.meanAblation.values(runs)
    }
  }

  var text: String {
    switch self {
    case .published: RhoKind.published.text
    case .after: "after W_O, paired samples"
    case .before: RhoKind.meanAblation.text
    }
  }

  /// How claims say it.
  var mark: String { " (\(text))" }
}

extension RigorousRun {
  /// The mean layer of the components of a class; nil without any.
  func meanLayer(of kind: ComponentClass) -> Double? {
    mean(record.components.filter { $0.componentClass == kind }.map { Double($0.layer) })
  }
}
