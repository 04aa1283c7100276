import Records
import Statistics

/// The statistic and p-value of a test. It claims nothing with fewer than six seeds.
package struct TestSummary: Codable, Sendable, Equatable {
  package static let level = 0.05

  package var seeds: Int
  @Nullable package var statistic: Double?
  @Nullable package var pValue: Double?
  /// Whether p ≤ 0.05; `nil`, meaning no claim either way, with fewer than six seeds.
  @Nullable package var isSignificant: Bool?
  @Nullable package var reason: String?

  init(seeds: Int, _ test: () throws -> Estimable<PermutationResult>) {
    self.seeds = seeds
    do {
      switch try test() {
      case .value(let result):
        statistic = result.statistic
        pValue = result.pValue
        isSignificant = seeds >= SignFlipResult.fewestSeedsForAClaim ? result.pValue <= Self.level : nil
        if isSignificant == nil {
          reason = "\(NumberText.seeds(seeds)); a claim needs \(SignFlipResult.fewestSeedsForAClaim)"
        }
      case .notEstimable(let why): reason = why.description
      }
    } catch {
      reason = "\(error)"
    }
  }

  /// The sign-flip test of paired differences, one per seed.
  init(signFlip differences: [Double], alternative: Alternative = .twoSided, _ draws: ReportDraws) {
    self.init(seeds: differences.count) {
      try signFlipTest(differences, alternative: alternative, patterns: draws.signPatterns(of:)).map(\.test)
    }
  }

  private enum CodingKeys: String, CodingKey {
    case seeds, statistic
    case pValue = "p_value"
    case isSignificant = "is_significant"
    case reason
  }
}
