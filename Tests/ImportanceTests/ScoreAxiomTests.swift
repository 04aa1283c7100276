import Compute
import ReferenceDevice
import Tasks
import TestDevices
import TestModels
import TestSupport
import Testing

@testable import Importance
@testable import Transformer

/// What follows from the definitions, without another program's numbers.
@Suite("Scores are complete and symmetric") struct ScoreAxiomTests {
  /// Models without any bias: what is left of them when norms, attention and activations are frozen is linear.
  private static let unbiased = ["llama", "llama-linear"]

  @Test(
    "relevance patching: the embedding times its relevance, over all that read it, is the logit difference",
    arguments: unbiased)
  func relevance(name: String) throws {
    let family = try Family(name, on: .reference)
    let (model, device) = (family.model, family.model.device)
    let batch = try Batch(family.sequences, .all, for: model.configuration, on: device)
    let point = Edge.Writer.embedding.site.hook
    let activations = ActivationRecord(on: device)
    let forward = try model.keptForward(batch, hooks: activations.hooks([point]))
    let metric = try MetricGradient(
      .logitDifference, family.sequences, partners: family.sequences.map(family.foiled), batch: batch,
      on: model)
    let differences = try metric.values(batch, on: model)
    let embedding = try activations[point]
    var sums = differences.map { _ in 0.0 }
    try model.backward(
      forward, .none, rule: .relevance, logitsGradient: metric.logitsGradient,
      inputs: { input in
        let gradient = try device.readHostMatrix(input.gradient, rows: input.rows.extent)
        for (sample, rows) in batch.sequenceRows[0].enumerated() {
          sums[sample] += product(embedding, rows, gradient, rows, 0..<embedding.width)
        }
      })
    for (sum, difference) in zip(sums, differences) {
      #expect(abs(difference) > 1e-2)
      #expect(abs(sum - difference) <= 1e-7, "\(sum) and \(difference)")
    }
  }

  @Test("EAP-IG: the edges of the embedding add up to the change of the metric", arguments: Fixtures.families)
  func integratedEdges(name: String) throws {
    let family = try Family(name, on: .reference)
    let model = family.model
    func metric(_ sequences: [TokenSequence]) throws -> [Double] {
      let batch = try Batch(sequences, .live, for: model.configuration, on: model.device)
      try model.forward(batch)
      let losses = try model.readRowLosses(batch)
      return batch.sequenceOutputRows[0].map { rows in -losses[rows].reduce(0, +) / Double(max(rows.count, 1))
      }
    }
    let change = zip(try metric(family.partners), try metric(family.sequences)).map { $0 - $1 }
    func error(steps: Int) throws -> Double {
      let found = try EdgeAttribution(
        model, batches: [family.sequences], corrupted: [family.partners], steps: steps)
      #expect(found.writers[0] == .embedding)
      let sums = change.indices.map { sample in found.values[0].reduce(0) { $0 + $1[sample] } }
      return relativeError(sums, change)
    }
    // The sum is a rule of rectangles, whose error goes down with the number of steps.
    let (coarse, fine) = try (error(steps: 16), error(steps: 64))
    #expect(fine <= 0.1 && fine < 0.4 * coarse, "\(coarse), \(fine)")
  }

  @Test("two heads with the same parameters have the same scores and edges")
  func symmetry() throws {
    let configuration = ModelConfiguration(layers: 2, heads: 3, dModel: 24, dMLP: 40)
    let layout = ParameterLayout(configuration)
    var parameters = layout.randomParameters(seed: 77)
    for tensor in layout.namedTensors where tensor.name.contains("attn.") && tensor.shape[0] == 3 {
      var values = tensor.extract(from: parameters)
      let head = values.count / 3
      values.replaceSubrange(head..<2 * head, with: values[0..<head])
      tensor.insert(values, into: &parameters)
    }
    let model = try Transformer(configuration, parameters: [parameters], on: ReferenceDevice())
    let clean = randomSequences([5, 7, 4], vocabulary: configuration.vocabulary, seed: 3)
    let corrupted = zip(randomSequences([5, 7, 4], vocabulary: configuration.vocabulary, seed: 4), clean).map
    {
      $1.reading($0.tokens)
    }
    let scores = try GradientScores(
      model, batches: [clean], corrupted: [corrupted], method: .noising,
      scores: Set(GradientScore.allCases))
    for (score, values) in scores.values {
      for (place, component) in scores.components.enumerated() where component.head == 0 {
        #expect(relativeError(values[place + 1], values[place]) <= 1e-9, "\(score.rawValue)")
        #expect(relativeError(values[place + 2], values[place]) > 1e-3, "\(score.rawValue)")
      }
    }
    for steps in [nil, 5] {
      let edges = try EdgeAttribution(model, batches: [clean], corrupted: [corrupted], steps: steps)
      for edge in Edge.all(of: configuration) {
        guard case .component(let writer) = edge.writer, writer.head == 0 else { continue }
        let other = try #require(
          Edge.all(of: configuration).first {
            guard case .component(let found) = $0.writer else { return false }
            return found.layer == writer.layer && found.head == 1 && $0.reader == edge.reader
          })
        let (one, two) = (try #require(edges[edge]), try #require(edges[other]))
        #expect(relativeError(two, one) <= 1e-9, "\(edge.name)")
      }
    }
  }
}
