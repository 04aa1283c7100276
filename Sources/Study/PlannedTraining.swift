import RandomStreams
import Transformer

/// What the plan of a run and the plan of a training alone have in common: it can be checked, and its memory estimated,
/// before anything is computed.
package protocol PlannedTraining: Sendable {
  var seed: Int { get }
  /// The seed of the initial parameters if it is not `seed`.
  var initialSeed: Int? { get }
  /// The name under which files say how the run was made.
  var protocolName: String { get }
  var randomness: StudyProtocol.Randomness { get }
  var model: ModelConfiguration { get }
  /// The number of sequences in a batch.
  var batchSize: Int { get }
  var maxSteps: Int { get }
  /// How the training turns gradients into steps.
  var optimiser: OptimiserSettings { get }
  var checkpointing: ActivationCheckpointing { get }
  /// In which precision the training keeps activations for the backward.
  var activations: ActivationPrecision { get }
  /// The number of rows in one model's longest training batch.
  var trainingRows: Int { get }
  /// The number of rows in the widest pass apart from training.
  var otherRows: Int { get }
  /// Whether the gradient scores of components are measured.
  var measuresGradientScores: Bool { get }

  /// The plan of the training alone, without settings that only affect later measurements.
  var training: TrainingPlan { get }

  /// - Throws: `ModelError.configuration` or `StudyError.impossible` for values that cannot be trained.
  func validate() throws
}

extension PlannedTraining {
  /// The stream for a purpose at its beginning. Under `published` and `paper` it is a Mersenne Twister,
  /// seeded alike for every purpose; under `rigorous` and on data, each purpose has its own counter-based stream.
  func stream(_ purpose: Purpose) -> DataStream {
    let seed = purpose == .initialisation ? initialSeed ?? seed : seed
    return switch randomness {
    case .published: DataStream(MersenneTwister(seed: UInt32(truncatingIfNeeded: seed)))
    case .byPurpose: DataStream(CounterStream(seed: UInt64(seed), purpose: purpose))
    }
  }

  /// Checks what every training has.
  ///
  /// - Throws: `ModelError.configuration` or `StudyError.impossible`.
  func validateTraining() throws {
    try model.validate()
    guard (1...1_000_000).contains(batchSize) else {
      throw StudyError.impossible("the batch size must be 1 to 1000000, not \(batchSize)")
    }
    guard (0...100_000_000).contains(maxSteps) else {
      throw StudyError.impossible("the maximum of steps must be 0 to 100000000, not \(maxSteps)")
    }
    for (name, value) in [("seed", seed), ("initial seed", initialSeed ?? 0)] {
      guard (0...Int(UInt32.max)).contains(value) else {
        throw StudyError.impossible("\(name) \(value) is out of range; use 0 to \(UInt32.max)")
      }
    }
    guard optimiser.learningRate > 0, optimiser.learningRate.isFinite else {
      throw StudyError.impossible(
        "the learning rate must be a positive number, not \(optimiser.learningRate)")
    }
    try validateOptimiser()
  }

  private func validateOptimiser() throws {
    // Models that are not trained at all have no warm-up either.
    guard optimiser.warmupSteps >= 0, optimiser.warmupSteps <= maxSteps || maxSteps == 0 else {
      throw StudyError.impossible(
        "a warm-up of \(optimiser.warmupSteps) steps does not fit into a training of at most \(maxSteps); "
          + "use fewer warm-up steps or more steps")
    }
    let settings = [("weight decay", optimiser.weightDecay), ("largest gradient norm", optimiser.clipNorm)]
    for (name, value) in settings {
      guard value >= 0, value.isFinite else {
        throw StudyError.impossible("the \(name) must be a positive number, or 0 for none, not \(value)")
      }
    }
    guard optimiser.learningRate * optimiser.weightDecay < 1 else {
      throw StudyError.impossible(
        "a weight decay of \(optimiser.weightDecay) at a learning rate of \(optimiser.learningRate) would remove all "
          + "weights in one step; the product of the two must be below 1")
    }
  }
}
