import Transformer

/// The faithfulness of several rankings of the same components, over the same samples. Sets that the rankings
/// share are evaluated once, because the first k components of two rankings are often the same.
package struct Faithfulness: Sendable {
  /// The intervention on the components that are left out.
  package let method: InterventionMethod
  /// For each ranking, the components, best first.
  package let rankings: [[Component]]
  /// For each ranking and k = 0…K, the index of the outcomes that belong to its first k components.
  package let sets: [[Int]]
  /// For each distinct set, sample by sample.
  package let outcomes: [Outcomes]

  /// - Parameters:
  ///   - rankings: each lists every component of the same set once.
  ///   - method: not `denoising`, which does not leave components out.
  /// - Throws: `ImportanceError.mismatch` for rankings of different components, or for such a method;
  ///   `missingMeans`.
  package init(
    _ evaluation: CausalEvaluation, _ rankings: [[Component]], _ method: InterventionMethod
  ) throws {
    let all = Set(rankings.first ?? [])
    guard rankings.allSatisfy({ $0.count == all.count && Set($0) == all }) else {
      throw ImportanceError.mismatch("rankings are orders of the same components")
    }
    guard !method.restores else {
      throw ImportanceError.mismatch(
        "faithfulness leaves components out, and \(method.rawValue) puts them in")
    }
    var indices: [Set<Component>: Int] = [:]
    var interventions: [Intervention] = []
    sets = try rankings.map { ranking in
      try (0...ranking.count).map { kept in
        let leftOut = Array(ranking[kept...])
        if let index = indices[Set(leftOut)] { return index }
        indices[Set(leftOut)] = interventions.count
        interventions.append(try evaluation.intervention(on: leftOut, method))
        return interventions.count - 1
      }
    }
    self.method = method
    self.rankings = rankings
    outcomes = try evaluation.outcomes(interventions)
  }

  /// The curve of one ranking.
  ///
  /// - Parameter samples: the samples to use, each as often as it is listed; nil for all samples once.
  package func curve(ofRanking ranking: Int, _ effect: Effect, samples: [Int]? = nil) -> FaithfulnessCurve {
    FaithfulnessCurve(
      metric: sets[ranking].map { set in
        samples.map { outcomes[set].mean(effect, of: $0) } ?? outcomes[set].mean(effect)
      })
  }
}
