import Transformer

/// Several rankings of the same components, and the components that the circuit of a ranking's best k leaves out. Sets that rankings
/// share are listed once, because the best k of two rankings are often the same.
package struct RankedSets: Sendable {
  /// The distinct sets of components that are left out.
  package let leftOut: [[Component]]
  /// For each ranking and k = 0…K, the index of the set that leaves its first k components.
  package let setIndices: [[Int]]

  /// - Parameter rankings: each lists every component of the same set once.
  /// - Throws: `ImportanceError.mismatch` for rankings of different components.
  package init(_ rankings: [[Component]]) throws {
    let all = Set(rankings.first ?? [])
    guard rankings.allSatisfy({ $0.count == all.count && Set($0) == all }) else {
      throw ImportanceError.mismatch("rankings are orders of the same components")
    }
    var indices: [Set<Component>: Int] = [:]
    var sets: [[Component]] = []
    setIndices = rankings.map { ranking in
      (0...ranking.count).map { kept in
        let leftOut = Array(ranking[kept...])
        if let index = indices[Set(leftOut)] { return index }
        indices[Set(leftOut)] = sets.count
        sets.append(leftOut)
        return sets.count - 1
      }
    }
    leftOut = sets
  }
}

/// The faithfulness of several rankings of the same components, over the same samples.
package struct Faithfulness: Sendable {
  package let sets: RankedSets
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
    let sets = try RankedSets(rankings)
    guard !method.restores else {
      throw ImportanceError.mismatch(
        "faithfulness leaves components out, and \(method.rawValue) puts them in")
    }
    self.sets = sets
    outcomes = try evaluation.outcomes(
      sets.leftOut.map { try evaluation.intervention(on: $0, method) })
  }

  /// The curve of one ranking.
  ///
  /// - Parameter samples: the samples to use, each as often as it is listed; nil for all samples once.
  package func curve(ofRanking ranking: Int, _ effect: Effect, samples: [Int]? = nil) -> FaithfulnessCurve {
    FaithfulnessCurve(
      metric: sets.setIndices[ranking].map { set in
        samples.map { outcomes[set].mean(effect, of: $0) } ?? outcomes[set].mean(effect)
      })
  }
}
