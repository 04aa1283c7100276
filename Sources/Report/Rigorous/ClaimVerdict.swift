import Records
import Statistics

/// What the records say to one of the paper's claims. Nothing is claimed below six seeds.
package struct ClaimVerdict: Codable, Sendable, Equatable {
  package enum Outcome: String, Codable, Sendable {
    case holds
    case doesNotHold = "does_not_hold"
    case cannotBeTold = "cannot_be_told"

    package var text: String {
      switch self {
      case .holds: "holds"
      case .doesNotHold: "doesn't hold"
      case .cannotBeTold: "can't be told"
      }
    }
  }

  package var claim: String
  /// `nil` where it is about several.
  @Nullable package var task: String?
  package var outcome: Outcome
  /// The numbers it rests on, with their intervals.
  package var numbers: String
  /// What decides.
  package var rule: String

  /// By a mean's interval: the claim says on which side of a value the mean lies.
  init(
    _ claim: String, task: String?, _ mean: SeedMean, _ side: SeedMean.Side, of value: Double, name: String,
    rule: String
  ) {
    self.claim = claim
    self.task = task
    let enough = mean.count >= SignFlipResult.fewestSeedsForAClaim
    outcome = Self.outcome(enough ? mean.side(of: value).map { $0 == side } : nil)
    numbers = "\(name) \(NumberText.interval(mean, digits: 3)), \(NumberText.seeds(mean.count))"
    self.rule = rule
  }

  /// By two one-sided tests: the first is of the claim, the other of its opposite.
  init(
    _ claim: String, task: String?, _ test: TestSummary, opposite: TestSummary?, numbers: String, rule: String
  ) {
    self.claim = claim
    self.task = task
    outcome =
      test.isSignificant == true
      ? .holds : opposite?.isSignificant == true ? .doesNotHold : .cannotBeTold
    self.numbers = "\(numbers); \(NumberText.pValue(test))"
    self.rule = rule
  }

  init(_ claim: String, task: String?, _ isTrue: Bool?, numbers: String, rule: String) {
    self.claim = claim
    self.task = task
    outcome = Self.outcome(isTrue)
    self.numbers = numbers
    self.rule = rule
  }

  private static func outcome(_ isTrue: Bool?) -> Outcome {
    isTrue.map { $0 ? .holds : .doesNotHold } ?? .cannotBeTold
  }
}
