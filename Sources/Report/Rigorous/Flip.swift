import Concurrency
import Records
import Statistics

/// A conclusion that one causal score supports and another contradicts.
///
/// - `sign`: the mean rho of a gradient score lies above 0 against one causal score and below 0 against
///   another, by intervals and by sign-flip tests.
/// - `order`: one of two gradient scores on the same distribution has the higher rho against one causal score
///   and the lower rho against another, by sign-flip tests of paired differences.
///
/// The tests are two-sided at 0.05 divided by the number of causal scores compared (C. E. Bonferroni, 1936),
/// and need six seeds. Without this correction, dozens of flips would be found among scores that differ only
/// by noise. If several causal scores qualify, those with the largest and the smallest mean are named.
package struct Flip: Codable, Sendable, Equatable {
  /// What is reversed: the sign of a rho, or the order of two rhos.
  package enum Kind: String, Codable, Sendable { case sign, order }

  package var kind: Kind
  package var gradient: GradientKey
  /// The score that `gradient` is compared with; `nil` for a sign.
  @Nullable package var other: GradientKey?
  /// The causal score on the positive side, and the mean rho or mean difference of rhos there.
  package var above: CausalKey
  package var aboveMean: Double
  package var below: CausalKey
  package var belowMean: Double

  private enum CodingKeys: String, CodingKey {
    case kind, gradient, other, above
    case aboveMean = "above_mean"
    case below
    case belowMean = "below_mean"
  }

  /// - Parameter values: for each row, the rhos that it averages.
  static func find(_ rows: [ScoreTable.Row], _ values: [SeedValues], _ draws: ReportDraws) -> [Flip] {
    let gradients = firstSeen(rows.map(\.gradient))
    return concurrentMap(gradients) { gradient -> [Flip] in
      let own = rows.indices.filter { rows[$0].gradient == gradient }
      let signs = own.map { place in
        Compared(
          causal: rows[place].causal, values: values[place].numbers,
          counts: own.contains { rows[$0].causal == rows[place].causal && rows[$0].rho.side(of: 0) != nil })
      }
      let later = gradients.drop { $0 != gradient }.dropFirst()
        .filter { $0.distribution == gradient.distribution }
      return [flip(.sign, gradient, nil, signs, draws)].compactMap(\.self)
        + later.compactMap { other in
          let differences = own.compactMap { place -> Compared? in
            let causal = rows[place].causal
            return rows.firstIndex { $0.gradient == other && $0.causal == causal }
              .map { Compared(causal: causal, values: values[place].differences(values[$0])) }
          }
          return flip(.order, gradient, other, differences, draws)
        }
    }.flatMap(\.self)
  }

  /// The smallest number of seeds for which the two-sided p-value of differences of one sign, 2/2ⁿ, reaches
  /// the corrected level.
  static func fewestSeeds(causalScores: Int) -> Int {
    let level = TestSummary.level / Double(causalScores)
    var seeds = SignFlipResult.fewestSeedsForAClaim
    while 2 / Double(1 << seeds) > level { seeds += 1 }
    return seeds
  }

  /// Rhos, or differences of rhos, with one causal score.
  private struct Compared {
    var causal: CausalKey
    var values: [Double]
    /// Whether a flip may name this causal score.
    var counts = true
  }

  /// The flip between the causal scores with the largest and the smallest mean among those for which the values differ
  /// significantly from 0 at the corrected level.
  ///
  /// Only these two have to be found, and only if there are means on both sides of 0.
  private static func flip(
    _ kind: Kind, _ gradient: GradientKey, _ other: GradientKey?, _ compared: [Compared], _ draws: ReportDraws
  ) -> Flip? {
    let level = TestSummary.level / Double(compared.count)
    let known = compared.filter { $0.counts && $0.values.count >= SignFlipResult.fewestSeedsForAClaim }
      .compactMap { compared in mean(compared.values).map { (compared: compared, mean: $0) } }
    let (above, below) = (known.filter { $0.mean > 0 }, known.filter { $0.mean < 0 })
    guard !above.isEmpty, !below.isEmpty else { return nil }
    func isSignificant(_ found: (compared: Compared, mean: Double)) -> Bool {
      (try? signFlipIsSignificant(
        found.compared.values, level: level, patterns: draws.signPatterns(of:)))
        ?? false
    }
    // Sorting is stable: of equal means the first is named.
    guard let high = above.sorted(by: { $0.mean > $1.mean }).first(where: isSignificant),
      let low = below.sorted(by: { $0.mean < $1.mean }).first(where: isSignificant)
    else { return nil }
    return Flip(
      kind: kind, gradient: gradient, other: other, above: high.compared.causal, aboveMean: high.mean,
      below: low.compared.causal, belowMean: low.mean)
  }
}
