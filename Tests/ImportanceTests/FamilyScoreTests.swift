import Importance
import Safetensors
import Tasks
import TestDevices
import TestModels
import TestSupport
import Testing

@testable import Transformer

/// Models of other families, with what PyTorch computes with them (`Tests/Oracle/families.py`).
@Suite("Scores of models of other families") struct FamilyScoreTests {
  /// Models in which a norm after the heads of a block makes what a head writes depend on the other heads.
  private static let normalised = ["gemma2", "gemma2-usual", "gemma2-uncapped"]

  /// How exactly integrated gradients are asked for, so that they can be compared with a fine quadrature.
  private static let exact = (tolerance: 1e-6, rounding: 1e-9)

  @Test(
    "that estimate a corrupted run agree with PyTorch: attribution patching, RelP, GradDrop, AtP* and integrated gradients",
    arguments: Fixtures.families, Backend.allCases)
  func attributions(name: String, backend: Backend) throws {
    let family = try Family(name, on: backend)
    let estimates: Set<GradientScore> = [
      .attributionPatching, .relevancePatching, .gradDrop, .atpQKFix, .integratedGradients,
    ]
    // In single precision metrics are no more exact than the default supposes.
    let isExact = backend == .reference
    let found = try GradientScores(
      family.model, batches: [family.sequences], corrupted: [family.partners], method: .noising,
      scores: estimates, integrationTolerance: isExact ? Self.exact.tolerance : 1e-5,
      integrationRounding: isExact ? Self.exact.rounding : 2e-6)
    for score in estimates {
      let reference = try family.expected.floats(
        named: score.rawValue, shape: [found.components.count, family.sequences.count])
      let values = try #require(found.values[score]).flatMap { $0 }
      #expect(reference.contains { abs($0) > 1e-3 })
      #expect(relativeError(values, reference.map(Double.init)) <= family.bound, "\(score.rawValue)")
    }
  }

  @Test(
    "by integrated gradients add up to what replacing the output changes; the same bits where activations are computed again",
    arguments: Fixtures.families)
  func integrated(name: String) throws {
    func scores(recomputes: Bool) throws -> (GradientScores, Family) {
      // A model of its own: one that has kept everything goes on doing so.
      let family = try Family(name, on: .cpu)
      family.model.recomputesActivations = recomputes
      let found = try GradientScores(
        family.model, batches: [family.sequences], method: .zero, scores: [.integratedGradients, .gradDrop])
      #expect(family.model.activations?.storage == (recomputes ? .inputs : .everything))
      return (found, family)
    }
    let (found, family) = try scores(recomputes: false)
    let (recomputed, _) = try scores(recomputes: true)
    let model = family.model
    #expect(recomputed.effects == found.effects && recomputed.values == found.values)
    let batch = try Batch(family.sequences, .live, for: model.configuration, on: model.device)
    func logProbabilities(_ hooks: Hooks) throws -> [Double] {
      try model.forward(batch, hooks: hooks)
      let losses = try model.readRowLosses(batch)
      return batch.sequenceOutputRows[0].map { rows in
        -rows.reduce(0) { $0 + losses[$1] } / Double(max(rows.count, 1))
      }
    }
    let clean = try logProbabilities(.none)
    for (index, component) in found.components.enumerated() {
      let intervention = try InterventionMethod.zero.intervention(on: [component], means: nil)
      let changes = zip(try logProbabilities(.applying([intervention], to: model)), clean).map { $0 - $1 }
      for (effect, change) in zip(found.effects[index], changes) {
        #expect(abs(effect - change) <= 1e-5, "\(component.name)")
      }
      for (value, effect) in zip(
        try #require(found.values[.integratedGradients])[index], found.effects[index])
      {
        #expect(abs(value - effect) <= 1e-3 * max(abs(effect), 0.05), "\(component.name)")
      }
    }
  }

  @Test("that estimate a corrupted run are zero if it is the same run", arguments: Fixtures.families)
  func identicalRuns(name: String) throws {
    let family = try Family(name, on: .cpu)
    let estimates: Set<GradientScore> = [
      .attributionPatching, .relevancePatching, .integratedGradients, .atpQKFix, .gradDrop,
    ]
    let found = try GradientScores(
      family.model, batches: [family.sequences], corrupted: [family.sequences], method: .noising,
      scores: estimates)
    #expect(Set(found.values.keys) == estimates)
    for (score, values) in found.values {
      #expect(values.allSatisfy { $0.allSatisfy { $0 == 0 } }, "\(score.rawValue)")
    }
  }

  @Test(
    "of a logit difference, by integrated gradients, add up to what the corrupted output changes",
    arguments: Fixtures.families)
  func logitDifference(name: String) throws {
    let family = try Family(name, on: .cpu)
    let found = try GradientScores(
      family.model, batches: [family.sequences], corrupted: [family.partners.map(family.foiled)],
      method: .noising, metric: .logitDifference, scores: [.integratedGradients])
    var largest = 0.0
    for (index, component) in found.components.enumerated() {
      let values = try #require(found.values[.integratedGradients])[index]
      for (value, effect) in zip(values, found.effects[index]) {
        largest = max(largest, abs(effect))
        #expect(abs(value - effect) <= 1e-3 * max(abs(effect), 0.05), "\(component.name)")
      }
    }
    #expect(largest > 0.01)
  }

  @Test(
    "of shared value weights are the norms of PyTorch's own gradients",
    arguments: ["llama", "llama3", "qwen2", "qwen3", "gemma2"])
  func keyGroups(name: String) throws {
    let family = try Family(name, on: .reference)
    let configuration = family.model.configuration
    let groups = configuration.heads / configuration.architecture.keySharing
    #expect(groups < configuration.heads)
    var norms: KeyGroupNorms?
    _ = try GradientScores(
      family.model, batches: [family.sequences], corrupted: [family.partners], method: .noising,
      scores: [.frobenius, .fisher, .attributionPatching],
      whileWeights: { norms = try KeyGroupNorms(family.model) })
    let found = try #require(norms)
    let expected = try (0..<configuration.layers).flatMap { layer in
      let gradient = try family.expected.floats(named: "grad.model.layers.\(layer).self_attn.v_proj.weight")
        .map(Double.init)
      let size = gradient.count / groups
      return (0..<groups).map { group in
        gradient[group * size..<(group + 1) * size].reduce(0) { $0 + $1 * $1 }.squareRoot()
      }
    }
    #expect(relativeError(found.values.flatMap { $0 }, expected) <= family.bound)
  }

  @Test("by mean ablation agree with PyTorch", arguments: Fixtures.families)
  func means(name: String) throws {
    let family = try Family(name, on: .reference)
    let model = family.model
    let means = try ComponentMeans(model, batches: [family.sequences])
    let batch = try Batch(family.sequences, .all, for: model.configuration, on: model.device)
    let losses = try family.expected.floats(named: "mean")
    for (index, component) in Component.all(of: model.configuration).enumerated() {
      let intervention = try InterventionMethod.mean.intervention(on: [component], means: means)
      try model.forward(batch, hooks: .applying([intervention], to: model))
      let loss = try model.readLosses(slots: 0..<1)[0]
      #expect(abs(loss - losses[index]) <= 1e-5, "\(component.name)")
    }
  }

  @Test("by edges agree with PyTorch", arguments: Fixtures.families, Backend.allCases)
  func edges(name: String, backend: Backend) throws {
    let family = try Family(name, on: backend)
    for (name, steps) in [("eap", nil), ("eap_ig", EdgeAttribution.defaultSteps)] {
      let found = try EdgeAttribution(
        family.model, batches: [family.sequences], corrupted: [family.partners], steps: steps)
      let values = found.values.flatMap { $0.flatMap { $0 } }
      let reference = try family.expected.floats(named: name).map(Double.init)
      #expect(relativeError(values, reference) <= family.bound, "\(name)")
    }
  }

  @Test(
    "by patched edges agree with PyTorch where norms follow branches", arguments: normalised, Backend.allCases
  )
  func patchedEdges(name: String, backend: Backend) throws {
    let family = try Family(name, on: backend)
    let edges = Edge.all(of: family.model.configuration)
    let losses = try family.expected.floats(named: "edges")
    #expect(losses.count == edges.count)
    let interventions = try edges.map {
      try InterventionMethod.noising.intervention(onEdges: [$0], in: family.model.configuration)
    }
    let targets = family.sequences.reduce(0.0) { $0 + Double($1.targets.count { $0 >= 0 }) }
    let scores = try ForkedForward(family.model).scores(family.samples, interventions)
    for (index, edge) in edges.enumerated() {
      let sum = scores[index].reduce(0) { $0 - $1.logProbability * Double($1.targets) }
      #expect(abs(sum / targets - Double(losses[index])) <= 1e-5, "\(edge.name)")
    }
  }

  @Test(
    "by all edges of a writer, to later components and the logits, equal a patch of the writer",
    arguments: ["llama"] + normalised)
  func edgesTogether(name: String) throws {
    let family = try Family(name, on: .reference)
    let configuration = family.model.configuration
    for writer in Edge.Writer.all(of: configuration) {
      let edges = Edge.all(of: configuration).filter { $0.writer == writer }
      let found = try ForkedForward(family.model).logits(
        family.samples,
        [
          .none, InterventionMethod.noising.intervention(onEdges: edges, in: configuration),
          Intervention(patches: [Patch(writer.site, .run(1))]),
        ])
      #expect(relativeError(found[1], found[2]) <= 1e-6, "\(writer.name)")
      #expect(found[1] != found[0], "\(writer.name)")
    }
  }
}
