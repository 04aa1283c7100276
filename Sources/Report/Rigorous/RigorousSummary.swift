import Concurrency
import Records
import Tasks

/// What the rigorous records of a study say together: the section `rigorous` of `summary.json`.
///
/// All seeds count, also those outside the paper's window of accuracy. Those are scored at the length whose
/// accuracy is nearest to one half; excluding them would select models by their result. The summary says how
/// many there are.
package struct RigorousSummary: Codable, Sendable, Equatable {
  /// One for each task, in the order of the summary.
  package var tasks: [TaskFindings]
  package var ladder: TaskLadder
  /// Reversal compared with sorting; empty if the study lacks one of them.
  package var reversalAgainstSorting: [TaskComparison]
  /// The same comparison for the published gradient score with each causal score.
  package var reversalByCausalScore: [TaskComparison]
  package var verdicts: [ClaimVerdict]

  /// `nil` if no record is rigorous.
  init?(_ byTask: [(task: String, records: [RunRecord])], _ draws: ReportDraws) {
    let found = byTask.map { (task: $0.task, runs: $0.records.compactMap(RigorousRun.init)) }
      .filter { !$0.runs.isEmpty }
    guard !found.isEmpty else { return nil }
    tasks = concurrentMap(found) { TaskFindings($0.task, $0.runs, draws) }
    ladder = TaskLadder(found, draws)
    if let reverse = found.first(where: { $0.task == IntegerTask.reverse.name }),
      let sort = found.first(where: { $0.task == IntegerTask.sort.name })
    {
      reversalAgainstSorting = TaskComparison.byKind(reverse.runs, sort.runs, draws)
      reversalByCausalScore = TaskComparison.byCausalScore(reverse.runs, sort.runs, draws)
    } else {
      (reversalAgainstSorting, reversalByCausalScore) = ([], [])
    }
    verdicts = []
    verdicts = ClaimVerdict.all(self, found, draws)
  }

  /// What the records say about one task.
  package struct TaskFindings: Codable, Sendable, Equatable {
    package var task: String
    package var seeds: [Int]
    package var outsideWindow: [Int]
    /// The number of samples in a causal evaluation.
    package var samples: Int
    package var scores: ScoreTable
    /// What moves the rho of every score.
    package var variance: [VarianceOfRho]
    /// The mean rhos that verdicts are about, with the keys `published`, `mean_ablation` and `corrected`.
    package var rhos: [String: SeedMean]
    package var decomposition: Decomposition
    package var faithfulness: [FaithfulnessSummary]
    package var redundancy: RedundancySummary
    package var classes: ClassSummary
    package var pruning: PruningContrast
    package var lengths: [LengthRow]
    package var lengthTrend: LengthTrend
    package var prediction: BloatPrediction

    init(_ task: String, _ runs: [RigorousRun], _ draws: ReportDraws) {
      self.task = task
      seeds = runs.map(\.seed)
      outsideWindow = runs.filter { !$0.record.ood.inWindow }.map(\.seed)
      samples = runs.map(\.rigorous.samples).min() ?? 0
      // These take longest.
      draws.work.expect(1, in: .estimating)
      let found = concurrently(
        { (ScoreTable(runs, draws), BloatPrediction(runs)) },
        {
          defer { draws.work.finish() }
          return ClassSummary(runs, draws)
        })
      (scores, prediction, classes) = (found.0.0, found.0.1, found.1)
      rhos = Dictionary(
        uniqueKeysWithValues: RhoKind.allCases.map {
          ($0.rawValue, $0.values(runs).mean(bounds: $0.bounds, draws))
        })
      variance = VarianceOfRho.all(runs, draws)
      decomposition = Decomposition(runs, draws)
      faithfulness = FaithfulnessSummary.all(runs, draws)
      redundancy = RedundancySummary(runs, draws)
      pruning = PruningContrast(runs.compactMap(\.record.pruning), draws)
      lengths = LengthRow.all(runs, draws)
      lengthTrend = LengthTrend(runs, draws)
    }

    private enum CodingKeys: String, CodingKey {
      case task, seeds
      case outsideWindow = "outside_window"
      case samples, scores, variance, rhos, decomposition, faithfulness, redundancy, classes, pruning, lengths
      case lengthTrend = "length_trend"
      case prediction
    }
  }

  private enum CodingKeys: String, CodingKey {
    case tasks, ladder
    case reversalAgainstSorting = "reversal_against_sorting"
    case reversalByCausalScore = "reversal_by_causal_score"
    case verdicts
  }
}
