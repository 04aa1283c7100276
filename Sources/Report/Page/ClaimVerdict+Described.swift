import Records
import Statistics
import Tasks

extension ClaimVerdict {
  /// The verdicts on records without the rigorous protocol's measurements: the claims about rho and pruning, over the seeds that the
  /// protocol counts, by the same rules.
  static func described(_ summary: Summary, _ runs: [RunRecord], _ draws: ReportDraws = .init())
    -> [ClaimVerdict]
  {
    let counted = runs.filter(\.ood.inWindow)
    let tasks = summary.tasks.map(\.task)
    func rhos(_ task: String) -> SeedValues {
      SeedValues(counted.filter { $0.task == task }) { ($0.rho, $0.rhoReason) }
    }
    let alignment = tasks.compactMap { task -> ClaimVerdict? in
      guard task == IntegerTask.reverse.name || task == IntegerTask.sort.name else { return nil }
      let isHigh = task == IntegerTask.reverse.name
      return ClaimVerdict(
        .alignment,
        isHigh
          ? "gradient and causal importance agree on reversal"
          : "gradient and causal importance diverge on sorting",
        task: task, rhos(task).mean(bounds: SeedMean.correlation, draws), isHigh ? .above : .below,
        of: alignmentThreshold, name: "mean rho",
        rule: "the 95 % interval of the mean rho lies \(isHigh ? "above" : "below") \(alignmentThreshold)")
    }
    let comparison =
      Set(tasks).isSuperset(of: [IntegerTask.reverse.name, IntegerTask.sort.name])
      ? TaskComparison.all(
        [
          .init(
            rho: summary.tasks.first?.causalMeasure ?? "", first: rhos(IntegerTask.reverse.name),
            second: rhos(IntegerTask.sort.name), bounds: SeedMean.correlation)
        ], draws
      ).map(reversalExceedsSorting) : []
    let pruning = tasks.map { task in
      heroesMatterMore(task, PruningContrast(counted.filter { $0.task == task }.compactMap(\.pruning), draws))
    }
    return alignment + comparison + pruning
  }

  /// Where the page shows what the verdict rests on, the best place first.
  var places: [String] {
    let suffix = task.map { "-\($0)" } ?? ""
    return switch subject {
    case .alignment: [Figure.place("rho\(suffix)"), "figure-alignment", "paper"]
    case .comparison: ["figure-alignment", "matrix", "paper"]
    case .ladder: ["lengths"]
    case .classes: [Figure.place("rank-difference\(suffix)"), "ranks"]
    case .pruning: ["figure-pruning", "pruning"]
    case .redundancy: ["pairs"]
    case .decomposition: [Figure.place("decomposition\(suffix)"), "decomposition"]
    }
  }
}
