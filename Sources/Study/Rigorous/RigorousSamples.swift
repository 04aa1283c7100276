import Importance
import RandomStreams
import Tasks
import Transformer

/// The samples on which the `rigorous` protocol measures a model. Every purpose draws from its own stream, so
/// a new measurement changes no other.
struct RigorousSamples {
  let plan: RunPlan

  private func stream(_ purpose: Purpose, _ index: Int = 0) -> CounterStream {
    CounterStream(seed: UInt64(plan.seed), purpose: purpose).split(UInt64(index))
  }

  /// Samples for an accuracy at one length.
  func accuracy(_ length: Int) -> [TokenSequence] {
    var stream = stream(.outOfDistribution, length)
    return BatchLayout.evaluationBatch(
      plan.task.samples(plan.studyProtocol.accuracySamples, length: length...length, from: &stream))
  }

  /// Batches for gradients at some lengths.
  func gradientBatches(_ lengths: ClosedRange<Int>, count: Int? = nil) -> [[TokenSequence]] {
    batches(lengths, count ?? plan.studyProtocol.gradientBatches, .gradients)
  }

  /// Batches for the means of components.
  func meanBatches(_ lengths: ClosedRange<Int>, count: Int? = nil) -> [[TokenSequence]] {
    batches(lengths, count ?? plan.studyProtocol.meanBatches, .means)
  }

  private func batches(_ lengths: ClosedRange<Int>, _ count: Int, _ purpose: Purpose) -> [[TokenSequence]] {
    var stream = stream(purpose, 64 * lengths.lowerBound + lengths.upperBound)
    return (0..<count).map { _ in
      BatchLayout.packed.sequences(plan.task.samples(plan.batchSize, length: lengths, from: &stream))
    }
  }

  /// Pairs for interventions; every intervention uses the same pairs.
  func pairs(_ lengths: ClosedRange<Int>, count: Int) throws -> CausalSamples {
    let index = 64 * lengths.lowerBound + lengths.upperBound
    return try pairs(lengths, count: count, stream(.ablation, index), stream(.resample, index))
  }

  /// Pairs for the worths of coalitions. They are others than those of `pairs`, so that the two can be compared without noise in common.
  func interactionPairs(_ length: Int, count: Int) throws -> CausalSamples {
    let own = stream(.interactions, length)
    return try pairs(length...length, count: count, own.split(0), own.split(1))
  }

  private func pairs(
    _ lengths: ClosedRange<Int>, count: Int, _ samples: CounterStream, _ donors: CounterStream
  ) throws -> CausalSamples {
    var (pairStream, donorStream) = (samples, donors)
    let pairs = try plan.task.corruptedPairs(count, length: lengths, from: &pairStream)
    return CausalSamples(pairs, from: &donorStream)
  }

  func shapley() -> CounterStream { stream(.extra) }
  func randomRankings() -> CounterStream { stream(.extra, 1) }
  func bootstrap() -> CounterStream { stream(.bootstrap) }
}
