import Importance
import Transformer

/// Runs long evaluations in pieces, so that a study can be stopped between two of them.
struct ChunkedEffects {
  let evaluation: CausalEvaluation
  /// The number of samples in a piece.
  let chunk: Int
  let supervisor: Supervisor

  /// The effect of each set of components, for each method, over all samples.
  ///
  /// - Throws: `StudyError.interrupted`, or what the device throws.
  func effects(
    of sets: [[Component]], _ methods: [InterventionMethod]
  ) throws -> [InterventionMethod: SetEffects] {
    var all: [InterventionMethod: SetEffects] = [:]
    for first in stride(from: 0, to: evaluation.samples.count, by: chunk) {
      try supervisor.checkStop()
      let part = evaluation.over(first..<min(first + chunk, evaluation.samples.count))
      for (method, effects) in try part.effects(of: sets, methods) {
        all[method] = all[method]?.appending(effects) ?? effects
      }
    }
    return all
  }
}
