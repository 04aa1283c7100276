import CPUDevice
import Importance
import RandomStreams
import Records
import Tasks
import TestSupport
import Testing
import Transformer

@testable import Study

@Suite("The protocol of the paper's third version")
struct Version3Tests {
  private func record(_ rules: StudyProtocol) throws -> RunRecord {
    let plan = RecordedTask.plan(.sort, layers: 2, maxSteps: 3, rules: rules)
    return try withFolder { folder in
      let device = try CPUDevice(threads: 1)
      return try Analysis(plan, on: device).analyse(Trainer(plan, on: device).model(in: folder))
    }
  }

  @Test("measures what published measures on the same samples, with both readings of the ablation and zeros")
  func beside() throws {
    let (published, v3) = (try record(.published), try record(.v3))
    #expect(v3.ood == published.ood && v3.training?.finalLoss == published.training?.finalLoss)
    #expect(Set(v3.measures.keys) == ["published", "mean", "published_zero", "zero"])
    #expect(v3.gradientScore == "rms" && v3.causalMeasure == "published")
    let configuration = RecordedTask.plan(.sort, layers: 2).model
    for (ours, theirs) in zip(v3.components, published.components) {
      #expect(ours.causal["published"] == theirs.causal["published"])
      #expect(ours.causal["mean"] == theirs.causal["mean"])
      let norm = try #require(ours.gradient["frobenius"])
      #expect(norm == theirs.gradient["frobenius"])
      let weights =
        ours.head == nil
        ? configuration.dModel * configuration.dMLP : configuration.dModel * configuration.dHead
      let scaled = try #require(ours.gradient["rms"])
      #expect(abs(scaled - norm / Double(weights).squareRoot()) <= 1e-12 * norm)
    }
  }

  @Test("ablates all heroes, and all bloats, together, beside the sum of what each costs")
  func joint() throws {
    let record = try record(.v3)
    let joint = try #require(record.joint)
    for row in joint {
      let measure = try #require(record.measures[row.measure])
      #expect(row.components == (row.set == "all_heroes" ? measure.heroes : measure.bloats))
      #expect(!row.components.isEmpty && (-1...1).contains(row.joint))
      let sum = record.components.filter { row.components.contains($0.name) }
        .reduce(0) { $0 + ($1.causal[row.measure] ?? .nan) }
      #expect(abs(sum - row.sumOfSingles) < 1e-12)
    }
    let sets = record.measures.values.reduce(0) {
      $0 + ($1.heroes.isEmpty ? 0 : 1) + ($1.bloats.isEmpty ? 0 : 1)
    }
    #expect(joint.count == sets)
  }

  @Test("zeros after W_O are what a mean of zeros would write there")
  func zeros() throws {
    let configuration = ModelConfiguration(layers: 2, heads: 2, dModel: 8, dMLP: 16)
    let (head, mlp) = (Component.head(layer: 1, head: 1), Component.mlp(layer: 0))
    var stream = CounterStream(seed: 3, purpose: .initialisation)
    let transformer = try Transformer(
      configuration, parameters: [ParameterLayout(configuration).initialParameters(from: &stream)],
      on: CPUDevice(threads: 1))
    let batch = [TokenSequence(prompt: [101, 5, 7, 102], target: [5, 7, 103])]
    let means = try ComponentMeans(transformer, batches: [batch])
    let zero = try CausalMeasure.publishedZero.intervention(on: [head, mlp], means: means)
    #expect(zero.patches.count == 2)
    #expect(zero.patches[0] == Patch(.projectedColumns(layer: 1, head: 1), .zero))
    #expect(zero.patches[1] == Patch(.output(mlp), .zero))
  }
}
