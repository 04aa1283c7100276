import Statistics

/// How a gradient ranking and a causal ranking of the same components compare.
public struct Alignment: Equatable, Sendable {
  public enum Class: String, Sendable { case hero, bloat, neutral }

  /// When a component counts as misaligned.
  public enum Threshold: Equatable, Sendable {
    /// |delta| > limit
    case beyond(Double)
    /// |delta| ≥ limit
    case from(Double)
  }

  /// Ranks ascend; ties share the average rank.
  public let gradientRanks: [Double]
  public let causalRanks: [Double]
  /// rank(G) − rank(C); negative where the gradient undervalues the component.
  public let deltas: [Double]
  public let classes: [Class]
  /// Spearman's rank correlation; nil where a score is constant.
  public let rho: Double?
  public let rhoReason: String?

  /// - Throws: `StatisticsError` when a score is NaN or there are fewer than two components.
  public init(gradient: [Double], causal: [Double], threshold: Threshold) throws {
    gradientRanks = try averageRanks(gradient)
    causalRanks = try averageRanks(causal)
    deltas = zip(gradientRanks, causalRanks).map { $0 - $1 }
    classes = deltas.map { delta in
      let isMisaligned =
        switch threshold {
        case .beyond(let limit): abs(delta) > limit
        case .from(let limit): abs(delta) >= limit
        }
      return isMisaligned ? (delta < 0 ? .hero : .bloat) : .neutral
    }
    rho = try spearman(gradient, causal)
    let constant = [("gradient", gradient), ("causal", causal)].filter { Set($0.1).count < 2 }.map(\.0)
    rhoReason =
      rho == nil ? "the \(constant.joined(separator: " and ")) score is the same for every component" : nil
  }
}
