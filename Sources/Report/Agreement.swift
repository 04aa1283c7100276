import Records
import Statistics

/// How two ablations of the same models agree: how similarly they rank components, and how far their rhos differ.
package struct Agreement: Codable, Sendable, Equatable {
  /// Names of the two ablations, in alphabetical order.
  package var first: String
  package var second: String
  /// The number of seeds whose two causal rankings have a rank correlation; its mean and standard deviation (n − 1)
  /// over them.
  package var count: Int
  @Nullable package var rhoMean: Double?
  @Nullable package var rhoStd: Double?
  /// The number of seeds with both rhos; the mean and standard deviation (n − 1) of rho under `first` minus rho under
  /// `second`.
  package var differenceCount: Int
  @Nullable package var differenceMean: Double?
  @Nullable package var differenceStd: Double?

  init(first: String, second: String, runs: [RunRecord]) {
    self.first = first
    self.second = second
    let correlations = runs.compactMap { run -> Double? in
      let pairs = run.components.compactMap { component -> (Double, Double)? in
        guard let one = component.causal[first], let other = component.causal[second] else { return nil }
        return (one, other)
      }
      // There is no value for too few components, or if a score is constant or not a number.
      return try? spearman(pairs.map(\.0), pairs.map(\.1))
    }
    count = correlations.count
    rhoMean = mean(correlations)
    rhoStd = standardDeviation(correlations, ddof: 1)
    let differences = runs.compactMap { run -> Double? in
      guard let one = run.measures[first]?.rho, let other = run.measures[second]?.rho else { return nil }
      return one - other
    }
    differenceCount = differences.count
    differenceMean = mean(differences)
    differenceStd = standardDeviation(differences, ddof: 1)
  }

  /// All pairs of the recorded ablations.
  static func all(_ runs: [RunRecord]) -> [Agreement] {
    let names = Set(runs.flatMap(\.measures.keys)).sorted()
    return names.indices.flatMap { index in
      names[(index + 1)...].map { Agreement(first: names[index], second: $0, runs: runs) }
    }
  }

  private enum CodingKeys: String, CodingKey {
    case first, second, count
    case rhoMean = "rho_mean"
    case rhoStd = "rho_std"
    case differenceCount = "difference_count"
    case differenceMean = "difference_mean"
    case differenceStd = "difference_std"
  }
}
