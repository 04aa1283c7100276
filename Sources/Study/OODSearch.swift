import Importance
import RandomStreams
import Records
import Tasks
import Transformer

/// Finds the length at which a model is scored: the first length whose accuracy lies in the protocol's
/// window.
struct OODSearch {
  let plan: RunPlan
  let transformer: Transformer

  /// Draws from the data stream only for the protocol's own lengths. Trying further lengths is our addition
  /// and uses a separate stream.
  func find(_ stream: inout DataStream) throws -> RunRecord.OutOfDistribution {
    let rules = plan.studyProtocol
    var searched: [RunRecord.OutOfDistribution.Searched] = []
    for length in rules.oodLengths {
      let accuracy = try accuracy(length, from: &stream)
      searched.append(RunRecord.OutOfDistribution.Searched(length: length, accuracy: accuracy))
      if rules.oodWindow.contains(accuracy) {
        return RunRecord.OutOfDistribution(
          length: length, accuracy: accuracy, inWindow: true, searched: searched)
      }
    }
    var extra = CounterStream(seed: UInt64(plan.seed), purpose: .outOfDistribution)
    for length in rules.farLengths {
      searched.append(
        RunRecord.OutOfDistribution.Searched(length: length, accuracy: try accuracy(length, from: &extra)))
    }
    let nearest = searched.nearestToOneHalf
    return RunRecord.OutOfDistribution(
      length: nearest?.length ?? rules.oodLengths[0], accuracy: nearest?.accuracy ?? 0, inWindow: false,
      searched: searched)
  }

  private func accuracy(_ length: Int, from stream: inout some RandomStream) throws -> Double {
    let samples = plan.task.samples(
      plan.studyProtocol.accuracySamples, length: length...length, from: &stream)
    return try transformer.accuracies([Lane(sequences: BatchLayout.evaluationBatch(samples))])[0]
  }
}

extension [RunRecord.OutOfDistribution.Searched] {
  /// The length whose accuracy is nearest to one half, and of several equally near the first.
  var nearestToOneHalf: Element? { self.min { abs($0.accuracy - 0.5) < abs($1.accuracy - 0.5) } }
}
