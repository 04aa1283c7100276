import Records
import Tasks

extension ClaimVerdict {
  /// The verdicts on records without the rigorous protocol's measurements: the claims about rho and pruning, over the seeds that the
  /// protocol counts, by the same rules.
  static func described(_ summary: Summary, _ runs: [RunRecord], _ draws: ReportDraws = .init())
    -> [ClaimVerdict]
  {
    let counted = Dictionary(grouping: runs.filter(\.ood.inWindow), by: \.task)
    func rhos(_ task: IntegerTask) -> SeedValues? {
      counted[task.name].map { SeedValues($0) { ($0.rho, $0.rhoReason) } }
    }
    let (reversal, sorting) = (rhos(.reverse), rhos(.sort))
    let rhoClaims = [
      sorting.map { SeedClaim.divergence(on: $0, draws) },
      reversal.map { SeedClaim.agreement(on: $0, draws) },
      reversal.flatMap { reversal in
        sorting.map { SeedClaim.excess(of: reversal, over: $0, summary.tasks.first?.causalMeasure, draws) }
      },
    ]
    let pruning = summary.tasks.map { task in
      SeedClaim.pruning(task.task, (counted[task.task] ?? []).compactMap(\.pruning), draws)
    }
    return decide((rhoClaims + pruning).compactMap(\.self), draws)
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
