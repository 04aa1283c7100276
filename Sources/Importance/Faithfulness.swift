import Transformer

/// The faithfulness of several rankings of the same components, over the same samples. What they have in common is
/// evaluated once: the first k of two rankings are often the same set.
package struct Faithfulness: Sendable {
  /// By which the components left out are intervened on.
  package let method: InterventionMethod
  /// By ranking: the components, best first.
  package let rankings: [[Component]]
  /// By ranking, for k = 0…K: which of the outcomes are those of its first k components.
  package let sets: [[Int]]
  /// By distinct set, sample by sample.
  package let outcomes: [Outcomes]

  /// - Parameters:
  ///   - rankings: each all components of the same set, once.
  ///   - method: not `denoising`, under which nothing is left out.
  /// - Throws: `ImportanceError.mismatch` for rankings of other components, or such a method; `missingMeans`.
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
    var interventions: [ComponentIntervention] = []
    sets = rankings.map { ranking in
      (0...ranking.count).map { kept in
        let leftOut = Array(ranking[kept...])
        if let index = indices[Set(leftOut)] { return index }
        indices[Set(leftOut)] = interventions.count
        interventions.append(ComponentIntervention(leftOut, method))
        return interventions.count - 1
      }
    }
    self.method = method
    self.rankings = rankings
    outcomes = try evaluation.outcomes(interventions)
  }

  /// A ranking's curve.
  ///
  /// - Parameter samples: which samples count, as often as they are named; nil for all, once.
  package func curve(ofRanking ranking: Int, _ effect: Effect, samples: [Int]? = nil) -> FaithfulnessCurve {
    FaithfulnessCurve(
      metric: sets[ranking].map { set in
        samples.map { outcomes[set].mean(effect, of: $0) } ?? outcomes[set].mean(effect)
      })
  }
}
