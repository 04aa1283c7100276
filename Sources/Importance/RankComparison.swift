import Statistics

/// How a gradient ranking and a causal ranking of the same components compare.
package struct RankComparison: Equatable, Sendable {
  /// The class of a component; see `ComponentClass`.
  package enum Class: String, Sendable { case hero, bloat, neutral }

  /// The delta from which a component counts as misaligned.
  package enum Threshold: Equatable, Sendable {
    /// |delta| > limit
    case beyond(Double)
    /// |delta| ≥ limit
    case from(Double)
  }

  /// Ranks ascend from 1; ties share the average rank.
  package let gradientRanks: [Double]
  package let causalRanks: [Double]
  /// Gradient rank minus causal rank; negative if the gradient undervalues the component.
  package let deltas: [Double]
  package let classes: [Class]
  /// Spearman's rank correlation; nil if a score is constant.
  package let rho: Double?
  package let rhoReason: String?

  /// - Throws: `StatisticsError` if a score is NaN or if there are fewer than two components.
  package init(gradient: [Double], causal: [Double], threshold: Threshold) throws {
    gradientRanks = try averageRanks(gradient)
    causalRanks = try averageRanks(causal)
    deltas = zip(gradientRanks, causalRanks).map { $0 - $1 }
    let rho = try spearman(gradient, causal)
    // Equal scores have equal ranks, so the differences would come from the other score alone.
    let isDefined = rho != nil
    classes = deltas.map { delta in
      let isMisaligned =
        switch threshold {
        case .beyond(let limit): abs(delta) > limit
        case .from(let limit): abs(delta) >= limit
        }
      return isDefined && isMisaligned ? (delta < 0 ? .hero : .bloat) : .neutral
    }
    self.rho = rho
    let constant = [("gradient", gradient), ("causal", causal)].filter { Set($0.1).count < 2 }.map(\.0)
    rhoReason =
      rho == nil ? "the \(constant.joined(separator: " and ")) score is the same for every component" : nil
  }
}
