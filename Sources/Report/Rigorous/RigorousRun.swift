import Records

/// A record made under the rigorous protocol. It is a class because a record is large, and its copies would take longer than what
/// is done with them.
final class RigorousRun: Sendable {
  let record: RunRecord
  let rigorous: RunRecord.Rigorous
  /// The place in `rigorous.correlations` of the first row of each pair of scores.
  private let places: [ScorePair: Int]

  init?(_ record: RunRecord) {
    guard let rigorous = record.rigorous else { return nil }
    self.record = record
    self.rigorous = rigorous
    places = Dictionary(
      rigorous.correlations.enumerated().map { (ScorePair($1), $0) }, uniquingKeysWith: { first, _ in first })
  }

  var seed: Int { record.seed }
  /// The names of the components in component order.
  var names: [String] { record.components.map(\.name) }

  func correlation(_ gradient: GradientKey, _ causal: CausalKey) -> RunRecord.ScoreCorrelation? {
    places[ScorePair(gradient: gradient, causal: causal)].map { rigorous.correlations[$0] }
  }

  func gradient(_ key: GradientKey) -> RunRecord.GradientTable? {
    rigorous.gradients.first { $0.score == key.score && $0.distribution == key.distribution }
  }

  func causal(_ key: CausalKey) -> RunRecord.CausalTable? {
    rigorous.causal.first { $0.method == key.method && $0.effect == key.effect }
  }
}

/// A gradient score on one distribution, `ood` or `training`.
package struct GradientKey: Codable, Sendable, Hashable {
  package var score: String
  package var distribution: String

  package init(score: String, distribution: String) {
    self.score = score
    self.distribution = distribution
  }

  /// The paper's own score.
  static let published = GradientKey(
    score: RecordNames.Score.published, distribution: RecordNames.Distribution.ood)

  var text: String { "\(score) (\(distribution))" }
}

/// A causal score: a method of intervention and the effect that is measured.
package struct CausalKey: Codable, Sendable, Hashable {
  package var method: String
  package var effect: String

  package init(method: String, effect: String) {
    self.method = method
    self.effect = effect
  }

  /// The ablation in the paper's text, with its effect on accuracy.
  static let mean = CausalKey(
    method: RecordNames.Method.mean, effect: RecordNames.Effect.exactMatch)
  /// The same ablation with its effect on log-probability, which is less noisy.
  static let meanLogProbability = CausalKey(
    method: RecordNames.Method.mean, effect: RecordNames.Effect.logProbability)

  var text: String { "\(method) on \(effect)" }
}

/// A gradient score and a causal score.
struct ScorePair: Hashable {
  var gradient: GradientKey
  var causal: CausalKey
}

extension ScorePair {
  init(_ row: RunRecord.ScoreCorrelation) {
    gradient = GradientKey(score: row.score, distribution: row.distribution)
    causal = CausalKey(method: row.method, effect: row.effect)
  }
}

/// The distinct keys, in the order of their first appearance.
func firstSeen<Key: Hashable>(_ keys: some Sequence<Key>) -> [Key] {
  var seen: Set<Key> = []
  return keys.filter { seen.insert($0).inserted }
}
