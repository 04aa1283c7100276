import Statistics
import Transformer

/// What an intervention's effect is measured on.
package enum Effect: String, Sendable, Codable, CaseIterable, CodingKeyRepresentable {
  case exactMatch = "exact_match"
  case tokenAccuracy = "token_accuracy"
  case logProbability = "log_probability"
  case logitDifference = "logit_difference"
}

/// Outcomes sample by sample, so that whoever holds them can pair them, halve them and resample them. Also the
/// differences of two such outcomes.
package struct Outcomes: Equatable, Sendable {
  /// 1 where the whole target is what greedy decoding gives, else 0.
  package var exactMatch: [Double]
  /// The share of target tokens predicted right, each after the right ones before it.
  package var tokenAccuracy: [Double]
  /// The mean over target tokens of ln p(target), in nats.
  package var logProbability: [Double]
  /// The mean, over target positions in which the corrupted partner's target is another, of the logit of the target
  /// less the logit of the partner's; 0 for a sample without such a position.
  package var logitDifference: [Double]

  package init(_ scores: [TargetScore]) {
    exactMatch = scores.map { $0.isExact ? 1 : 0 }
    tokenAccuracy = scores.map { $0.targets == 0 ? 1 : Double($0.right) / Double($0.targets) }
    logProbability = scores.map(\.logProbability)
    logitDifference = scores.map(\.logitDifference)
  }

  /// As many samples, each with the same value of everything.
  package init(repeating value: Double, count: Int) {
    let values = [Double](repeating: value, count: count)
    (exactMatch, tokenAccuracy, logProbability, logitDifference) = (values, values, values, values)
  }

  package var count: Int { exactMatch.count }

  package subscript(effect: Effect) -> [Double] {
    get {
      switch effect {
      case .exactMatch: exactMatch
      case .tokenAccuracy: tokenAccuracy
      case .logProbability: logProbability
      case .logitDifference: logitDifference
      }
    }
    set {
      switch effect {
      case .exactMatch: exactMatch = newValue
      case .tokenAccuracy: tokenAccuracy = newValue
      case .logProbability: logProbability = newValue
      case .logitDifference: logitDifference = newValue
      }
    }
  }

  /// The mean over samples; 0 of none.
  package func mean(_ effect: Effect) -> Double {
    count == 0 ? 0 : self[effect].reduce(0, +) / Double(count)
  }

  /// The mean over some samples, each as often as it is named; 0 of none.
  package func mean(_ effect: Effect, of samples: some Collection<Int>) -> Double {
    let values = self[effect]
    return samples.reduce(0) { $0 + values[$1] } / Double(max(samples.count, 1))
  }

  /// Of the mean over samples; 0 for fewer than two.
  package func standardError(_ effect: Effect) -> Double { standardErrorOfMean(self[effect]) ?? 0 }

  /// These samples, in this order: a half, or a bootstrap's draw.
  package func at(_ samples: [Int]) -> Outcomes {
    var result = self
    for effect in Effect.allCases {
      let values = self[effect]
      result[effect] = samples.map { values[$0] }
    }
    return result
  }

  /// Sample by sample. Both are of the same samples.
  package static func - (left: Outcomes, right: Outcomes) -> Outcomes { left.merged(right, -) }

  package static func + (left: Outcomes, right: Outcomes) -> Outcomes { left.merged(right, +) }

  /// Samples of both, one after the other.
  package mutating func append(_ others: Outcomes) {
    for effect in Effect.allCases { self[effect] += others[effect] }
  }

  private func merged(_ other: Outcomes, _ operation: (Double, Double) -> Double) -> Outcomes {
    var result = self
    for effect in Effect.allCases { result[effect] = zip(self[effect], other[effect]).map(operation) }
    return result
  }
}
