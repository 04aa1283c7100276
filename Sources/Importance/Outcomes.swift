import Foundation
import Statistics
import Transformer

/// What the effect of an intervention is measured on.
package enum Effect: String, Sendable, Codable, CaseIterable, CodingKeyRepresentable {
  case exactMatch = "exact_match"
  case tokenAccuracy = "token_accuracy"
  case logProbability = "log_probability"
  case logitDifference = "logit_difference"
  case klDivergence = "kl_divergence"
  case perplexity

  /// What is measured on the samples of a task.
  package static let ofTasks: [Effect] = [.exactMatch, .tokenAccuracy, .logProbability, .logitDifference]

  /// Whether less is better. `Outcomes` has such a quantity with a minus sign, so that an effect is positive if a component helps.
  package var isCost: Bool {
    switch self {
    case .klDivergence, .perplexity: true
    case .exactMatch, .tokenAccuracy, .logProbability, .logitDifference: false
    }
  }
}

/// The outcomes of each sample. They are kept by sample so that they can be paired, halved and resampled.
/// Differences of two such outcomes have the same type.
package struct Outcomes: Equatable, Sendable {
  /// 1 if greedy decoding gives the whole target, else 0.
  package var exactMatch: [Double]
  /// The share of target tokens that are predicted correctly, each after the correct tokens before it.
  package var tokenAccuracy: [Double]
  /// The mean of ln p(target) over target tokens, in nats.
  package var logProbability: [Double]
  /// The mean of the target's logit minus the logit of the corrupted partner's target, over the target
  /// positions at which the two targets differ; 0 for a sample without such a position.
  package var logitDifference: [Double]
  /// Minus the mean over target tokens of KL(clean ‖ this run) of the distributions of the next token, in nats; 0 if it is not
  /// measured.
  package var klDivergence: [Double]
  /// Minus exp(−log-probability), the sequence's own perplexity. A mean loss of more than 100 nats counts as 100, so that sums of
  /// squares stay finite.
  package var perplexity: [Double]

  private static let largestLoss = 100.0

  package init(_ scores: [TargetScore]) {
    exactMatch = scores.map { $0.isExact ? 1 : 0 }
    tokenAccuracy = scores.map { $0.targets == 0 ? 1 : Double($0.right) / Double($0.targets) }
    logProbability = scores.map(\.logProbability)
    logitDifference = scores.map(\.logitDifference)
    // Not −0.
    klDivergence = scores.map { 0 - $0.divergence }
    perplexity = scores.map { -exp(min(-$0.logProbability, Self.largestLoss)) }
  }

  /// `count` samples with the same value for every effect.
  package init(repeating value: Double, count: Int) {
    let values = [Double](repeating: value, count: count)
    (exactMatch, tokenAccuracy, logProbability, logitDifference) = (values, values, values, values)
    (klDivergence, perplexity) = (values, values)
  }

  package var count: Int { exactMatch.count }

  package subscript(effect: Effect) -> [Double] {
    get {
      switch effect {
      case .exactMatch: exactMatch
      case .tokenAccuracy: tokenAccuracy
      case .logProbability: logProbability
      case .logitDifference: logitDifference
      case .klDivergence: klDivergence
      case .perplexity: perplexity
      }
    }
    set {
      switch effect {
      case .exactMatch: exactMatch = newValue
      case .tokenAccuracy: tokenAccuracy = newValue
      case .logProbability: logProbability = newValue
      case .logitDifference: logitDifference = newValue
      case .klDivergence: klDivergence = newValue
      case .perplexity: perplexity = newValue
      }
    }
  }

  /// The mean over samples; 0 without samples.
  package func mean(_ effect: Effect) -> Double {
    count == 0 ? 0 : self[effect].reduce(0, +) / Double(count)
  }

  /// The mean over some samples, each as often as it is listed; 0 without samples.
  package func mean(_ effect: Effect, of samples: some Collection<Int>) -> Double {
    let values = self[effect]
    return samples.reduce(0) { $0 + values[$1] } / Double(max(samples.count, 1))
  }

  /// The standard error of the mean over samples; 0 for fewer than two samples.
  package func standardError(_ effect: Effect) -> Double { standardErrorOfMean(self[effect]) ?? 0 }

  /// The outcomes of these samples, in this order: a half, or a bootstrap resample.
  package func at(_ samples: [Int]) -> Outcomes {
    var result = self
    for effect in Effect.allCases {
      let values = self[effect]
      result[effect] = samples.map { values[$0] }
    }
    return result
  }

  /// Sample by sample; both operands have the same samples.
  package static func - (left: Outcomes, right: Outcomes) -> Outcomes { left.merged(right, -) }

  package static func + (left: Outcomes, right: Outcomes) -> Outcomes { left.merged(right, +) }

  /// Appends the samples of `others`.
  package mutating func append(_ others: Outcomes) {
    for effect in Effect.allCases { self[effect] += others[effect] }
  }

  private func merged(_ other: Outcomes, _ operation: (Double, Double) -> Double) -> Outcomes {
    var result = self
    for effect in Effect.allCases { result[effect] = zip(self[effect], other[effect]).map(operation) }
    return result
  }
}
