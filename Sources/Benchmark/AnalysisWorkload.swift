import Compute
import Importance
import RandomStreams
import Tasks
import Transformer

/// A model of the study with everything that evaluations of it need. It has its initial parameters, because
/// no time depends on their values.
struct AnalysedModel {
  let transformer: Transformer
  let components: [Component]
  var stream = MersenneTwister(seed: 42)
  /// The number of integers, N, of every sample.
  let length = 9
  let batchSize = 64

  init(on device: any Device) throws {
    let configuration = ModelConfiguration()
    var parameters = MersenneTwister(seed: 42)
    transformer = try Transformer(
      configuration, parameters: [ParameterLayout(configuration).initialParameters(from: &parameters)],
      on: device)
    components = Component.all(of: configuration)
  }

  mutating func samples(_ count: Int) -> [TokenSequence] {
    BatchLayout.evaluationBatch(IntegerTask.sort.samples(count, length: length...length, from: &stream))
  }

  mutating func batches(_ count: Int) -> [[TokenSequence]] {
    (0..<count).map { _ in
      BatchLayout.published.sequences(
        IntegerTask.sort.samples(batchSize, length: length...length, from: &stream))
    }
  }
}

/// The exact match of 1,000 samples, and of the same samples with each component ablated by its mean: 21
/// evaluations.
final class EvaluationWorkload: Workload {
  static let samples = 1000
  private let model: AnalysedModel
  private let means: ComponentMeans
  private let sequences: [TokenSequence]

  init(on device: any Device) throws {
    var model = try AnalysedModel(on: device)
    means = try ComponentMeans(model.transformer, batches: model.batches(1))
    sequences = model.samples(Self.samples)
    self.model = model
  }

  /// Does all 21 evaluations. The first part of the time is a single evaluation without ablation.
  func run() throws -> WorkloadTime {
    let one = try seconds { _ = try model.transformer.accuracies([Lane(sequences: sequences)]) }
    let ablations = try model.components.map {
      try InterventionMethod.mean.intervention(on: [$0], means: means)
    }
    let all = try seconds {
      _ = try ForkedForward(model.transformer)
        .scores(ForkedForward.Samples(sequences), [.none] + ablations)
    }
    return WorkloadTime(seconds: all, parts: [("one evaluation", one)])
  }
}

/// The published analysis of a trained model: accuracies at N = 8 and 9, 50 gradient batches, 50 mean
/// batches, and the accuracy under each of 20 ablations. Every accuracy uses 100 fresh samples.
final class AnalysisWorkload: Workload {
  private var model: AnalysedModel
  private let accuracySamples = 100
  private let batchCount = 50

  init(on device: any Device) throws { model = try AnalysedModel(on: device) }

  func run() throws -> WorkloadTime {
    let transformer = model.transformer
    var (search, gradients, ablations) = (0.0, 0.0, 0.0)
    var meanTime = 0.0
    let total = try seconds {
      search = try seconds {
        // The lengths are measured one after the other, because each result decides whether to measure the
        // next.
        for _ in 0..<2 { _ = try transformer.accuracies([Lane(sequences: model.samples(accuracySamples))]) }
      }
      gradients = try seconds {
        _ = try GradientNorms(
          transformer, model.components.map { .component($0) }, batches: model.batches(batchCount))
      }
      var means: ComponentMeans?
      meanTime = try seconds { means = try ComponentMeans(transformer, batches: model.batches(batchCount)) }
      ablations = try seconds {
        let lanes = model.components.map { _ in Lane(sequences: model.samples(accuracySamples)) }
        let interventions = try model.components.map {
          try InterventionMethod.published.intervention(on: [$0], means: means)
        }
        _ = try transformer.accuracies(lanes, under: interventions)
      }
    }
    return WorkloadTime(
      seconds: total,
      parts: [
        ("22 accuracies", search + ablations), ("50 gradient batches", gradients),
        ("50 mean batches", meanTime),
      ])
  }
}
