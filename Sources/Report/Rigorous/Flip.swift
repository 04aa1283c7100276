import Records
import Statistics

/// A conclusion that one causal score supports and another contradicts.
///
/// - `sign`: a gradient score's mean rho has its interval above 0 against one causal score and below 0 against another.
/// - `order`: of two gradient scores on one distribution, the first has the higher rho against one causal score and the
///   lower against another, each with p ≤ 0.05 in the two-sided sign-flip test of paired differences.
///
/// Both need six seeds. Where several causal scores qualify, those with the largest and the smallest mean are named. The tests
/// aren't corrected for their number: a flip warns, and proves nothing.
public struct Flip: Codable, Sendable, Equatable {
  public enum Kind: String, Codable, Sendable { case sign, order }

  public var kind: Kind
  public var gradient: GradientKey
  /// The score that `gradient` is compared with; `nil` for a sign.
  @Nullable public var other: GradientKey?
  /// The causal score with the positive side, and the mean rho or mean difference of rhos.
  public var above: CausalKey
  public var aboveMean: Double
  public var below: CausalKey
  public var belowMean: Double

  private enum CodingKeys: String, CodingKey {
    case kind, gradient, other, above
    case aboveMean = "above_mean"
    case below
    case belowMean = "below_mean"
  }

  /// - Parameter values: by row, the rhos that it averages.
  static func find(_ rows: [ScoreTable.Row], _ values: [SeedValues], _ draws: ReportDraws) -> [Flip] {
    let gradients = firstSeen(rows.map(\.gradient))
    return gradients.flatMap { gradient -> [Flip] in
      let signs = rows.filter { $0.gradient == gradient }.compactMap { row -> Finding? in
        guard row.rho.count >= SignFlipResult.fewestSeedsForAClaim, let mean = row.rho.mean,
          row.rho.side(of: 0) != nil
        else { return nil }
        return Finding(causal: row.causal, mean: mean)
      }
      let later = gradients.drop { $0 != gradient }.dropFirst()
        .filter { $0.distribution == gradient.distribution }
      return [flip(.sign, gradient, nil, signs)].compactMap { $0 }
        + later.compactMap { other in
          flip(.order, gradient, other, differences(gradient, other, rows, values, draws))
        }
    }
  }

  private struct Finding {
    var causal: CausalKey
    var mean: Double
  }

  /// Where the first score's rhos differ significantly from the other's.
  private static func differences(
    _ gradient: GradientKey, _ other: GradientKey, _ rows: [ScoreTable.Row], _ values: [SeedValues],
    _ draws: ReportDraws
  ) -> [Finding] {
    rows.indices.filter { rows[$0].gradient == gradient }.compactMap { place in
      let causal = rows[place].causal
      guard let rival = rows.firstIndex(where: { $0.gradient == other && $0.causal == causal }) else {
        return nil
      }
      let differences = values[place].differences(values[rival])
      guard let mean = mean(differences),
        TestSummary(signFlip: differences, draws).isSignificant == true
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
