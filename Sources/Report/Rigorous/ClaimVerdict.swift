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
  /// The p-value of its test, and the same corrected for the number of claims that are decided together. A verdict without the second is
  /// exploratory, or has too few seeds.
  @Nullable package var pValue: Double?
  @Nullable package var correctedP: Double?
  /// The effect for which `power` is: the mean of a seed's value that the paper claims, or the smallest that is worth finding.
  @Nullable package var effect: Double?
  /// The probability that these seeds find that effect, at the level of the first of the corrected tests.
  @Nullable package var power: Double?
  /// About how many seeds find it with a probability of 0.8, where these are too few to tell.
  @Nullable package var seedsNeeded: Int?

  init(
    _ subject: Subject, _ claim: String, task: String?, _ outcome: Outcome, seeds: Int, numbers: String,
    rule: String
  ) {
    self.subject = subject
    self.claim = claim
    self.task = task
    self.outcome = outcome
    self.seeds = seeds
    self.numbers = numbers
    self.rule = rule
  }

  private enum CodingKeys: String, CodingKey {
    case subject, claim, task, outcome, seeds, numbers, rule
    case pValue = "p_value"
    case correctedP = "corrected_p_value"
    case effect, power
    case seedsNeeded = "seeds_needed"
  }
}

/// Verdicts on what is looked at beside the claims that are decided together. They are not corrected for their number.
extension ClaimVerdict {
  /// Decides by the interval of a mean: the claim says on which side of a value the mean lies.
  init(
    exploratory subject: Subject, _ claim: String, task: String?, _ mean: SeedMean, _ side: SeedMean.Side,
    of value: Double, name: String, rule: String
  ) {
    let enough = mean.count >= SignFlipResult.fewestSeedsForAClaim
    self.init(
      exploratory: subject, claim, task: task, enough ? mean.side(of: value).map { $0 == side } : nil,
      seeds: mean.count,
      numbers: "\(name) \(NumberText.interval(mean, digits: 3)), \(NumberText.seeds(mean.count))", rule: rule)
  }

  init(
    exploratory subject: Subject, _ claim: String, task: String?, _ isTrue: Bool?, seeds: Int,
    numbers: String, rule: String
  ) {
    self.init(
      subject, claim, task: task, Outcome(isTrue), seeds: seeds, numbers: numbers,
      rule: "\(rule); exploratory, not corrected")
  }
}
