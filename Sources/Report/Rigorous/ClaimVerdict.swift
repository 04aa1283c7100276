import Records
import Statistics

/// What the records say about one of the paper's claims. Nothing is claimed with fewer than six seeds.
package struct ClaimVerdict: Codable, Sendable, Equatable {
  /// What the records say: the claim holds, does not hold, or is inconclusive.
  package enum Outcome: String, Codable, Sendable {
    case holds
    case doesNotHold = "does_not_hold"
    case inconclusive = "cannot_be_told"

    /// `nil` means that the records decide nothing.
    init(_ isTrue: Bool?) { self = isTrue.map { $0 ? .holds : .doesNotHold } ?? .inconclusive }

    package var text: String {
      switch self {
      case .holds: "holds"
      case .doesNotHold: "does not hold"
      case .inconclusive: "inconclusive"
      }
    }
  }

  /// What a claim is about.
  package enum Subject: String, Codable, Sendable {
    case alignment, comparison, ladder, classes, pruning, redundancy, decomposition
  }

  package var subject: Subject
  package var claim: String
  /// `nil` if the claim is about several tasks.
  @Nullable package var task: String?
  package var outcome: Outcome
  /// The number of seeds that the rule uses.
  package var seeds: Int
  /// The numbers behind the verdict, with their intervals.
  package var numbers: String
  /// The rule that decides.
  package var rule: String

  /// Decides by the interval of a mean: the claim says on which side of a value the mean lies.
  init(
    _ subject: Subject, _ claim: String, task: String?, _ mean: SeedMean, _ side: SeedMean.Side,
    of value: Double, name: String,
    rule: String
  ) {
    self.subject = subject
    self.claim = claim
    self.task = task
    seeds = mean.count
    let enough = mean.count >= SignFlipResult.fewestSeedsForAClaim
    outcome = Outcome(enough ? mean.side(of: value).map { $0 == side } : nil)
    numbers = "\(name) \(NumberText.interval(mean, digits: 3)), \(NumberText.seeds(mean.count))"
    self.rule = rule
  }

  /// Decides by two one-sided tests: the first tests the claim, the other its opposite.
  init(
    _ subject: Subject, _ claim: String, task: String?, _ test: TestSummary, opposite: TestSummary?,
    numbers: String, rule: String
  ) {
    self.subject = subject
    self.claim = claim
    self.task = task
    seeds = test.seeds
    outcome =
      test.isSignificant == true
      ? .holds : opposite?.isSignificant == true ? .doesNotHold : .inconclusive
    self.numbers = "\(numbers); \(NumberText.pValue(test))"
    self.rule = rule
  }

  init(
    _ subject: Subject, _ claim: String, task: String?, _ isTrue: Bool?, seeds: Int, numbers: String,
    rule: String
  ) {
    self.subject = subject
    self.claim = claim
    self.task = task
    outcome = Outcome(isTrue)
    self.seeds = seeds
    self.numbers = numbers
    self.rule = rule
  }
}
