import CPUDevice
import Compute
import Importance
import Tasks
import TestDevices
import TestModels
import TestSupport
import Testing
import Transformer

@Suite("An intervention") struct InterventionTests {
  private static let selections = [RowSelection.live, .all]

  private func logits(
    _ model: Transformer, _ batch: Batch, _ interventions: [Intervention] = [], _ means: ComponentMeans? = nil
  ) throws -> [Float] {
    try model.forward(batch, hooks: try Hooks.applying(interventions, means: means, to: model))
    return try model.readLogits(batch)
  }

  @Test("is PyTorch's: logits and loss", arguments: Backend.allCases)
  func oracle(backend: Backend) throws {
    let (checkpoint, sequences) = (try Fixtures.small(), try Fixtures.smallSequences())
    let ablated = try Fixtures.tensors("small_ablated.safetensors")
    let device = try backend.make()
    let model = try Transformer(checkpoint.configuration, parameters: [checkpoint.parameters], on: device)
    let means = try ComponentMeans(model, batches: [sequences])
    let batch = try Batch(sequences, .all, for: model.configuration, on: device)
    let clean = try logits(model, batch)
    let names = ablated.names.filter { $0.hasSuffix(".logits") }
    #expect(names.count == 5)
    for name in names {
      let ablation = String(name.dropLast(".logits".count))
      let replacements = try ablation.split(separator: ",").map { item in
        let parts = item.split(separator: "=").map(String.init)
        try #require(parts.count == 2)
        let component = try Component(named: parts[0], in: model.configuration)
        let kinds: [String: ReplacementKind] = ["mean": .mean, "zero": .zero, "published": .published]
        return (component: component, kind: try #require(kinds[parts[1]]))
      }
      let values = try logits(model, batch, [Intervention(replacements)], means)
      let bound = backend == .reference ? 1e-6 : 1e-4
      #expect(relativeError(values, try ablated.floats(named: name)) <= bound, "\(ablation)")
      #expect(relativeError(values, clean) > 1e-3, "\(ablation) changes nothing")
      let loss = try ablated.floats(named: "\(ablation).loss")[0]
      #expect(abs(try model.readLosses(slots: 0..<1)[0] - loss) <= 1e-5 * loss, "\(ablation)")
    }
  }

  @Test("by a component's own activations changes no bit", arguments: selections)
  func ownActivations(selection: RowSelection) throws {
    let model = try Examples.randomModel(seed: 111, on: CPUDevice(threads: 2))
    let batch = try Batch(
      Examples.sequences(7, 1...5, seed: 112), selection, for: model.configuration, on: model.device)
    let clean = try logits(model, batch)
    let cache = try ActivationCache(model, batch)
    #expect(try model.readLogits(batch).bits == clean.bits)
    let components = Component.all(of: model.configuration)
    for component in components {
      #expect(
        try logits(model, batch, [Intervention(component, .patch(from: cache))]).bits == clean.bits,
        "\(component.name)")
    }
    #expect(try logits(model, batch, [Intervention(components, .patch(from: cache))]).bits == clean.bits)
  }

  @Test("in one of two lanes is the intervention alone, bit for bit, in both", arguments: selections)
  func lanes(selection: RowSelection) throws {
    let model = try Examples.randomModel(seed: 113, on: CPUDevice(threads: 3))
    let sequences = Examples.sequences(11, 1...6, seed: 114)
    let means = try ComponentMeans(model, batches: [Examples.sequences(20, 3...5, seed: 115)])
    let interventions = [
      Intervention(.head(layer: 0, head: 1), .mean), Intervention(.mlp(layer: 0), .zero), .none,
      Intervention([(.head(layer: 1, head: 2), .published), (.mlp(layer: 1), .mean)]),
    ]
    let configuration = model.configuration
    let batch = try Batch(
      interventions.map { _ in Lane(sequences: sequences) }, selection, for: configuration, on: model.device)
    let together = try logits(model, batch, interventions, means)
    let single = try Batch(sequences, selection, for: configuration, on: model.device)
    let count = single.outputRows.rowCount * configuration.vocabulary
    #expect(together.count == interventions.count * count)
    var alone: [[Float]] = []
    for (lane, intervention) in interventions.enumerated() {
      let values = try logits(model, single, [intervention], means)
      #expect(together[lane * count..<(lane + 1) * count].bits == values.bits, "lane \(lane)")
      alone.append(values)
    }
    #expect(Set(alone).count == interventions.count)
  }

  /// A head whose z is the same vector in every row: no values but their bias.
  private func modelWithConstantHead(_ constant: Component, on device: any Device) throws -> Transformer {
    let configuration = Examples.configuration
    var parameters = ParameterLayout(configuration).randomParameters(seed: 116, attentionScale: 3)
    let weight = try #require(
      ParameterLayout(configuration).namedTensors.first { $0.name == "blocks.\(constant.layer).attn.W_V" })
    var values = weight.extract(from: parameters)
    let size = weight.shape[1] * weight.shape[2]
    let head = try #require(constant.head)
    for i in head * size..<(head + 1) * size { values[i] = 0 }
    weight.insert(values, into: &parameters)
    return try Transformer(configuration, parameters: [parameters], on: device)
  }

  @Test("that ablates a head with its own mean as input scores zero", arguments: Backend.allCases)
  func constantHead(backend: Backend) throws {
    let constant = Component.head(layer: 0, head: 1)
    let model = try modelWithConstantHead(constant, on: backend.make())
    let means = try ComponentMeans(model, batches: [Examples.sequences(9, 2...4, seed: 117)])
    // What it answers is made the target of half the samples, so that accuracies are not all zero.
    let sequences = try Examples.samples(8, 1...3, seed: 118).enumerated().map { i, sample in
      let answer = try model.greedyDecode(prompt: sample.prompt, count: sample.target.count)
      return TokenSequence(prompt: sample.prompt, target: i % 2 == 0 ? answer : sample.target)
    }
    let accuracies = try model.accuracies(
      [EvaluationJob(sequences), EvaluationJob(sequences, Intervention(constant, .mean))], means: means)
    #expect(accuracies[0] == 0.5)
    #expect(accuracies[0] - accuracies[1] == 0)
    let batch = try Batch(sequences, for: model.configuration, on: model.device)
    let clean = try logits(model, batch)
    let ablated = try logits(model, batch, [Intervention(constant, .mean)], means)
    #expect(relativeError(ablated, clean) <= 1e-6)
    // Zeros are not its mean, and another head is not constant.
    #expect(relativeError(try logits(model, batch, [Intervention(constant, .zero)]), clean) > 1e-3)
    let other = Intervention(.head(layer: 0, head: 0), .mean)
    #expect(relativeError(try logits(model, batch, [other], means), clean) > 1e-3)
  }

  @Test("needs means where it replaces by them")
  func missingMeans() throws {
    let model = try Examples.randomModel(seed: 119, on: CPUDevice(threads: 1))
    for kind in [ReplacementKind.mean, .published] {
      #expect {
        try Hooks.applying([Intervention(.mlp(layer: 0), kind)], means: nil, to: model)
      } throws: {
        if case ImportanceError.missingMeans = $0 { true } else { false }
      }
    }
    _ = try Hooks.applying([Intervention(.mlp(layer: 0), .zero)], means: nil, to: model)
  }
}
