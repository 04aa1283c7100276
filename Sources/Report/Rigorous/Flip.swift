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
    return gradients.flatMap { gradient -> [Flip] in
      let own = rows.indices.filter { rows[$0].gradient == gradient }
      let signs = findings(own.map { (rows[$0].causal, values[$0].numbers) }, draws).filter { finding in
        own.contains { rows[$0].causal == finding.causal && rows[$0].rho.side(of: 0) != nil }
      }
      let later = gradients.drop { $0 != gradient }.dropFirst()
        .filter { $0.distribution == gradient.distribution }
      return [flip(.sign, gradient, nil, signs)].compactMap(\.self)
        + later.compactMap { other in
          let differences = own.compactMap { place -> (CausalKey, [Double])? in
            let causal = rows[place].causal
            return rows.firstIndex { $0.gradient == other && $0.causal == causal }
              .map { (causal, values[place].differences(values[$0])) }
          }
          return flip(.order, gradient, other, findings(differences, draws))
        }
    }
  }

  /// The smallest number of seeds for which the two-sided p-value of differences of one sign, 2/2ⁿ, reaches
  /// the corrected level.
  static func fewestSeeds(causalScores: Int) -> Int {
    let level = TestSummary.level / Double(causalScores)
    var seeds = SignFlipResult.fewestSeedsForAClaim
    while 2 / Double(1 << seeds) > level { seeds += 1 }
    return seeds
  }

  private struct Finding {
    var causal: CausalKey
    var mean: Double
  }

  /// The causal scores for which the values differ significantly from 0 at the corrected level.
  private static func findings(_ compared: [(CausalKey, [Double])], _ draws: ReportDraws) -> [Finding] {
    compared.compactMap { causal, values in
      let test = TestSummary(signFlip: values, draws)
      guard test.isSignificant == true, let p = test.pValue, let mean = mean(values),
        p <= TestSummary.level / Double(compared.count)
      else { return nil }
      return Finding(causal: causal, mean: mean)
    }
  }

  private static func flip(
    _ kind: Kind, _ gradient: GradientKey, _ other: GradientKey?, _ findings: [Finding]
  ) -> Flip? {
    guard let high = findings.max(by: { $0.mean < $1.mean }), high.mean > 0,
      let low = findings.min(by: { $0.mean < $1.mean }), low.mean < 0
    else { return nil }
    return Flip(
      kind: kind, gradient: gradient, other: other, above: high.causal, aboveMean: high.mean,
      below: low.causal, belowMean: low.mean)
  }
}
