import Tasks
import Transformer

/// A run in a form that can be written down: everything that determines its result, by name and number. The
/// plan is made from it on the machine that computes the run.
///
///     let plan = try RunPlan(JSONDecoder().decode(PlanDescription.self, from: data))
package struct PlanDescription: Codable, Equatable, Sendable {
  /// A task's name in `TaskCatalogue`.
  package var task: String
  package var seed: Int
  /// A protocol's name in `StudyProtocol.all`; JSON key `protocol`.
  package var protocolName: String
  package var model: Model
  package var batchSize: Int
  package var maxSteps: Int
  package var learningRate: Double
  package var quick: Bool
  package var reduced: Bool

  package init(
    task: String, seed: Int, protocolName: String, model: Model, batchSize: Int, maxSteps: Int,
    learningRate: Double, quick: Bool = false, reduced: Bool = false
  ) {
    self.task = task
    self.seed = seed
    self.protocolName = protocolName
    self.model = model
    self.batchSize = batchSize
    self.maxSteps = maxSteps
    self.learningRate = learningRate
    self.quick = quick
    self.reduced = reduced
  }

  private enum CodingKeys: String, CodingKey {
    case task, seed
    case protocolName = "protocol"
    case model
    case batchSize = "batch_size"
    case maxSteps = "max_steps"
    case learningRate = "learning_rate"
    case quick, reduced
  }

  /// The shape of the model.
  package struct Model: Codable, Equatable, Sendable {
    package var layers: Int
    package var heads: Int
    package var dModel: Int
    package var dMLP: Int
    package var vocabulary: Int
    package var context: Int
    /// `none`, `learned` or `rotary`.
    package var positions: ModelConfiguration.Positions
    package var epsilon: Float

    package init(_ configuration: ModelConfiguration) {
      layers = configuration.layers
      heads = configuration.heads
      dModel = configuration.dModel
      dMLP = configuration.dMLP
      vocabulary = configuration.vocabulary
      context = configuration.context
      positions = configuration.positions
      epsilon = configuration.epsilon
    }

    package var configuration: ModelConfiguration {
      ModelConfiguration(
        layers: layers, heads: heads, dModel: dModel, dMLP: dMLP, vocabulary: vocabulary, context: context,
        positions: positions, epsilon: epsilon)
    }

    private enum CodingKeys: String, CodingKey {
      case layers, heads
      case dModel = "d_model"
      case dMLP = "d_ff"
      case vocabulary, context, positions
      case epsilon = "eps"
    }
  }
}

extension RunPlan {
  /// Makes a plan.
  ///
  /// - Throws: `UnknownTask`, or `StudyError.unknownProtocol`. Sizes are not checked; see `validate()`.
  package init(_ description: PlanDescription) throws {
    self.init(
      task: try TaskCatalogue.task(named: description.task), seed: description.seed,
      studyProtocol: try StudyProtocol.named(description.protocolName),
      model: description.model.configuration, batchSize: description.batchSize,
      maxSteps: description.maxSteps, learningRate: description.learningRate, quick: description.quick,
      reduced: description.reduced)
  }

  /// The plan by names and numbers. If its task or protocol is not in a catalogue, `init(_:)` throws for the
  /// description.
  package var description: PlanDescription {
    PlanDescription(
      task: task.name, seed: seed, protocolName: studyProtocol.name, model: PlanDescription.Model(model),
      batchSize: batchSize, maxSteps: maxSteps, learningRate: learningRate, quick: quick, reduced: reduced)
  }
}
