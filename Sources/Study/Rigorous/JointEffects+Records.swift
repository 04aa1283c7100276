import Importance
import Records
import Transformer

extension JointEffects {
  /// What is recorded of a set's joint effect: on exact match, and on log-probability.
  ///
  /// - Parameter inDistribution: the effects of the same set on samples with the training lengths, if they were measured.
  func records(
    ofSet set: Int, named name: String, inDistribution: Outcomes? = nil
  ) -> [RunRecord.JointEffect] {
    let sum = sumOfSingles(ofSet: set)
    return [Effect.exactMatch, .logProbability].map { effect in
      RunRecord.JointEffect(
        name: name, components: sets[set].map(\.name), effect: effect.rawValue,
        joint: joint[set].mean(effect), jointStandardError: joint[set].standardError(effect),
        sumOfSingles: sum.mean(effect), sumStandardError: sum.standardError(effect),
        inDistribution: inDistribution?.mean(effect))
    }
  }
}
