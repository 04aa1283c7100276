import Importance
import Records
import Transformer

/// Every gradient score, on OOD batches and on batches of the training distribution.
struct GradientMeasurement {
  let plan: RunPlan
  let counts: RigorousCounts
  let samples: RigorousSamples
  let supervisor: Supervisor

  struct Result {
    var tables: [RunRecord.GradientTable] = []
    /// The scores on OOD batches. They are stored by score, because integrated gradients have fewer batches
    /// than the others.
    fileprivate var ood: [GradientScore: GradientScores] = [:]

    func scores(_ score: GradientScore) -> GradientScores? { ood[score] }

    func table(_ score: GradientScore, _ distribution: String = RecordNames.Distribution.ood)
      -> RunRecord.GradientTable
    {
      tables.first { $0.score == score.rawValue && $0.distribution == distribution }
        ?? RunRecord.GradientTable(
          score: score.rawValue, distribution: distribution, isSigned: score.isSigned, first: [], second: [],
          values: [], reliability: nil)
    }

    /// The published score on OOD batches.
    var published: [Double] { table(.frobenius).values }

    /// The scores of one component on OOD batches.
    func values(ofComponent i: Int) -> [String: Double] {
      Dictionary(
        uniqueKeysWithValues: tables.filter { $0.distribution == RecordNames.Distribution.ood }.map {
          ($0.score, $0.values[i])
        })
    }
  }

  /// - Parameter means: the means over OOD batches, which replace a component's output there.
  func measure(
    _ transformer: Transformer, _ components: [Component], _ means: ComponentMeans, ood: ClosedRange<Int>
  ) throws -> Result {
    var result = Result()
    let trained = plan.studyProtocol.trainingLengths
    let trainedMeans = try ComponentMeans(transformer, batches: samples.meanBatches(trained))
    for (distribution, lengths, means) in [
      (RecordNames.Distribution.ood, ood, means), (RecordNames.Distribution.training, trained, trainedMeans),
    ] {
      let projections = try ProjectionMeans(
        transformer, batches: samples.meanBatches(lengths, count: counts.lengthMeanBatches))
      let batches = samples.gradientBatches(lengths)
      let costly: Set<GradientScore> = [.integratedGradients]
      for (scores, batches) in [
        (counts.scores.subtracting(costly), batches),
        (counts.scores.intersection(costly), Array(batches.prefix(counts.integrationBatches))),
      ] where !scores.isEmpty {
        try supervisor.checkStop()
        let found = try GradientScores(
          transformer, components: components, batches: batches, method: .mean, means: means,
          projections: projections, scores: scores)
        for score in GradientScore.allCases where scores.contains(score) {
          result.tables.append(try found.table(score, distribution: distribution))
          if distribution == RecordNames.Distribution.ood { result.ood[score] = found }
        }
      }
    }
    return result
  }
}
