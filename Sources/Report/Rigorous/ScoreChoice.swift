import Records
import Statistics

/// Which gradient score to use: the cheapest one that ranks components about as well as the best, under one causal score.
package struct ScoreChoice: Codable, Sendable, Equatable {
  /// How far a mean rho may lie below the best.
  package static let margin = 0.02

  package var causal: CausalKey
  /// The score with the largest mean rho, of those on OOD batches that most seeds have.
  package var best: GradientKey
  package var bestRho: SeedMean
  /// The cheapest score whose mean rho is at most `margin` lower; of equally cheap ones, that with the largest rho.
  package var cheapest: GradientKey
  /// Its rho minus that of the best, paired over seeds. The best was chosen for its rho, so that this is a little too low.
  package var difference: SeedMean
  /// The prices of both, in forwards of the data; null for a score whose price depends on the model.
  @Nullable package var bestPrice: Int?
  @Nullable package var cheapestPrice: Int?

  private enum CodingKeys: String, CodingKey {
    case causal, best
    case bestRho = "best_rho"
    case cheapest, difference
    case bestPrice = "best_price"
    case cheapestPrice = "cheapest_price"
  }

  /// One for each causal score.
  ///
  /// - Parameter values: for each row, the rhos that it averages.
  static func all(
    _ rows: [ScoreTable.Row], _ values: [SeedValues], layers: Int, _ draws: ReportDraws
  ) -> [ScoreChoice] {
    let candidates = zip(rows, values).filter {
      $0.0.gradient.distribution == RecordNames.Distribution.ood && !$0.1.values.isEmpty
    }
    return firstSeen(candidates.map(\.0.causal)).compactMap { causal in
      // A score that lacks a seed which others have would be compared over other models.
      let all = candidates.filter { $0.0.causal == causal }
      let most = all.map(\.1.values.count).max()
      let own = all.filter { $0.1.values.count == most }.map { row, rhos in
        Candidate(row: row, rhos: rhos, price: price(of: row.gradient.score, layers: layers))
      }
      guard let best = own.max(by: { $0.mean < $1.mean }) else { return nil }
      let near = own.filter { $0.mean >= best.mean - margin }
      guard let cheapest = near.min(by: { ($0.price ?? .max, -$0.mean) < ($1.price ?? .max, -$1.mean) })
      else { return nil }
      return ScoreChoice(causal: causal, best: best, cheapest: cheapest, draws)
    }
  }

  private struct Candidate {
    var row: ScoreTable.Row
    var rhos: SeedValues
    var price: Int?
    var mean: Double { row.rho.mean ?? -.infinity }
  }

  private init(causal: CausalKey, best: Candidate, cheapest: Candidate, _ draws: ReportDraws) {
    self.causal = causal
    (self.best, bestRho, bestPrice) = (best.row.gradient, best.row.rho, best.price)
    (self.cheapest, cheapestPrice) = (cheapest.row.gradient, cheapest.price)
    difference = SeedMean(cheapest.rhos.differences(best.rhos), draws)
  }

  /// What a score costs for all components together, in forwards of its data: a backward costs as much as a forward for activations, and as
  /// much again for weights. The forwards for the means that attributions replace outputs with are not counted.
  ///
  /// - Returns: nil for integrated gradients, which take as many evaluations as the model asks for, usually hundreds; and for scores that are not
  ///   known.
  static func price(of score: String, layers: Int) -> Int? {
    switch score {
    case RecordNames.Score.attributionPatching, RecordNames.Score.relevancePatching: 2
    // In place of the weights' part of a backward, attention is computed again with each head's replacement.
    case RecordNames.Score.attentionFix: 3
    // A backward for each layer held constant.
    case RecordNames.Score.gradDrop: 1 + layers
    default: RecordNames.Score.ofWeights.contains(score) ? 3 : nil
    }
  }
}

/// `score_choice`: the best score and the cheapest that is about as good, under every causal score.
func choiceTable(_ task: RigorousSummary.TaskFindings) -> Table {
  return Table(
    "score_choice",
    title:
      "The best gradient score, and the cheapest whose mean rho is within \(ScoreChoice.margin) of it, \(task.task)",
    rows: task.scores.choices,
    notes: [
      "Prices in forwards of the data, for all components together, without those for the means. To ablate each component alone takes at most one "
        + "forward a component. Integrated gradients (–) take as many as the model asks for, usually hundreds, on fewer batches."
    ],
    [
      .file("task") { _ in .text(task.task) },
      .both("intervention", .left) { .text($0.causal.method) },
      .both("effect", key: "metric", .left) { .text($0.causal.effect) },
      .both("best", .left) { .text($0.best.score) },
      .mean("rho") { $0.bestRho },
      .both("forwards", key: "best_forwards") { .count($0.bestPrice) },
      .both("cheapest", .left) { .text($0.cheapest.score) },
      .mean("rho minus the best's", key: "difference", digits: 3) { $0.difference },
      .both("its forwards", key: "cheapest_forwards") { .count($0.cheapestPrice) },
    ])
}
