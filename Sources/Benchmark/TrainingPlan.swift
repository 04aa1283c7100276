import RandomStreams
import Tasks
import Transformer

/// A training whose steps are timed: the model, the number of models, and the source of their batches.
struct TrainingPlan: Sendable {
  var configuration: ModelConfiguration
  var models: Int
  /// Draws a new batch for one model.
  var draw: @Sendable (inout MersenneTwister) -> [TokenSequence]

  /// The study's model with batches of 64 samples of N in 3...7, padded as the published program pads them.
  static func published(
    models: Int = 1, configuration: ModelConfiguration = ModelConfiguration(), batchSize: Int = 64
  ) -> TrainingPlan {
    TrainingPlan(configuration: configuration, models: models) { stream in
      BatchLayout.published.sequences(IntegerTask.sort.samples(batchSize, length: 3...7, from: &stream))
    }
  }

  /// The shape of GPT-2 small with the tasks' vocabulary: 4 sequences of 128 random tokens, each of which
  /// predicts the next.
  static let gpt2Small = TrainingPlan(
    configuration: ModelConfiguration(
      layers: 12, heads: 12, dModel: 768, dMLP: 3072, context: 128, positions: .learned), models: 1
  ) { stream in
    (0..<4).map { _ in
      let tokens = (0...128).map { _ in Int32(stream.integer(in: 0..<Vocabulary.size)) }
      return TokenSequence(tokens: Array(tokens.dropLast()), targets: Array(tokens.dropFirst()))
    }
  }
}
