/// Which values of a statistic are evidence against the null hypothesis.
package enum Alternative: String, Equatable, Sendable, Codable {
  case greater, less
  /// Values far from zero on either side.
  case twoSided = "two_sided"

  /// A number that is larger for more extreme statistics.
  func extremity(_ statistic: Double) -> Double {
    switch self {
    case .greater: statistic
    case .less: -statistic
    case .twoSided: abs(statistic)
    }
  }
}

/// How the null distribution was obtained.
package enum NullDistribution: Equatable, Sendable {
  /// Every arrangement once, including the observed one: p = count ≥ / arrangements.
  case exact(arrangements: Int)
  /// Arrangements drawn at random: p = (1 + count ≥) / (1 + draws), which is never zero (B. Phipson and G. K.
  /// Smyth, "Permutation P-values Should Never Be Zero", Statistical Applications in Genetics and Molecular
  /// Biology 9, 2010).
  case sampled(draws: Int)
}

/// A statistic and its p-value from rearranged data.
///
/// An arrangement counts if it is at least as extreme as the observed one; sums that differ only by rounding
/// count as equal. The p-value is therefore uniform, up to the spacing of its possible values, if the
/// statistic has no ties. With ties it is too large rather than too small: P(p ≤ α) ≤ α always.
package struct PermutationResult: Equatable, Sendable {
  package var statistic: Double
  package var pValue: Double
  package var null: NullDistribution

  package init(statistic: Double, pValue: Double, null: NullDistribution) {
    self.statistic = statistic
    self.pValue = pValue
    self.null = null
  }
}

/// Counts the arrangements that are at least as extreme as the observed one.
struct ExtremeCounter {
  private let alternative: Alternative
  private let threshold: Double
  private(set) var count = 0

  /// - Parameter scale: the size of the sums in the statistics. Statistics that differ by less than 1e-12 of
  ///   it count as equal.
  init(observed: Double, alternative: Alternative, scale: Double) {
    self.alternative = alternative
    threshold = alternative.extremity(observed) - 1e-12 * scale
  }

  mutating func add(_ statistic: Double) {
    if alternative.extremity(statistic) >= threshold { count += 1 }
  }
}
