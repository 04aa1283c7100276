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
    _ model: Transformer, _ batch: Batch, _ interventions: [Intervention] = []
  ) throws -> [Float] {
    try model.forward(batch, hooks: try Hooks.applying(interventions, to: model))
    return try model.readLogits(batch)
  }

  @Test("gives PyTorch's logits and loss", arguments: Backend.allCases)
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
      let list = try NamedIntervention.ablations(ablation, in: model.configuration)
      #expect(list.count == ablation.split(separator: ",").count)
      let intervention = try list.intervention(in: model.configuration, means: means)
      let values = try logits(model, batch, [intervention])
      let bound = backend == .reference ? 1e-6 : 1e-4
      #expect(relativeError(values, try ablated.floats(named: name)) <= bound, "\(ablation)")
      #expect(relativeError(values, clean) > 1e-3, "\(ablation) changes nothing")
      let loss = try ablated.floats(named: "\(ablation).loss")[0]
      #expect(abs(try model.readLosses(slots: 0..<1)[0] - loss) <= 1e-5 * loss, "\(ablation)")
    }
  }

  @Test("with a component's own activations changes no bit", arguments: selections)
  func ownActivations(selection: RowSelection) throws {
    let model = try Examples.randomModel(seed: 111, on: CPUDevice(threads: 2))
    let batch = try Batch(
      Examples.sequences(7, 1...5, seed: 112), selection, for: model.configuration, on: model.device)
    let clean = try logits(model, batch)
    let components = Component.all(of: model.configuration)
    for set in components.map({ [$0] }) + [components] {
      let own = Intervention(patches: set.map { Patch(.output($0), .run(0)) })
      try model.forward(batch, hooks: try model.plainHooks(own, [batch]))
      #expect(try model.readLogits(batch).bits == clean.bits, "\(set.map(\.name))")
    }
    let samples = ForkedForward.Samples(Examples.sequences(7, 1...5, seed: 112))
    let sets = [[]] + components.map { [$0] } + [components]
    let scores = try ForkedForward(model).scores(
      samples, sets.map { set in Intervention(patches: set.map { Patch(.output($0), .run(0)) }) })
    #expect(scores.allSatisfy { $0 == scores[0] })
  }

  @Test("in one of two lanes gives the same bits as alone, in both lanes", arguments: selections)
  func lanes(selection: RowSelection) throws {
    let model = try Examples.randomModel(seed: 113, on: CPUDevice(threads: 3))
    let sequences = Examples.sequences(11, 1...6, seed: 114)
    let means = try ComponentMeans(model, batches: [Examples.sequences(20, 3...5, seed: 115)])
    let interventions = [
      try InterventionMethod.mean.intervention(on: [.head(layer: 0, head: 1)], means: means),
      try InterventionMethod.zero.intervention(on: [.mlp(layer: 0)]), .none,
      try InterventionMethod.published.intervention(
        on: [.head(layer: 1, head: 2), .mlp(layer: 1)], means: means),
    ]
    let configuration = model.configuration
    let batch = try Batch(
      interventions.map { _ in Lane(sequences: sequences) }, selection, for: configuration, on: model.device)
    let together = try logits(model, batch, interventions)
    let single = try Batch(sequences, selection, for: configuration, on: model.device)
    let count = single.outputRows.rowCount * configuration.vocabulary
    #expect(together.count == interventions.count * count)
    var alone: [[Float]] = []
    for (lane, intervention) in interventions.enumerated() {
      let values = try logits(model, single, [intervention])
      #expect(together[lane * count..<(lane + 1) * count].bits == values.bits, "lane \(lane)")
      alone.append(values)
    }
    #expect(Set(alone).count == interventions.count)
  }

  /// Makes a head whose z is the same vector in every row, by leaving only the bias of its values.
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
    // Half of the samples get the model's own answers as targets, so that not all accuracies are zero.
    let sequences = try Examples.samples(8, 1...3, seed: 118).enumerated().map { i, sample in
      let answer = try model.greedyDecode(prompt: sample.prompt, count: sample.target.count)
      return TokenSequence(prompt: sample.prompt, target: i % 2 == 0 ? answer : sample.target)
    }
    let mean = try InterventionMethod.mean.intervention(on: [constant], means: means)
    let accuracies = try model.accuracies(
      [Lane(sequences: sequences), Lane(sequences: sequences)], under: [.none, mean])
    #expect(accuracies[0] == 0.5)
    #expect(accuracies[0] - accuracies[1] == 0)
    let batch = try Batch(sequences, for: model.configuration, on: model.device)
    let clean = try logits(model, batch)
    let ablated = try logits(model, batch, [mean])
    #expect(relativeError(ablated, clean) <= 1e-6)
    // Zero is not the head's mean, and other heads are not constant.
    let zero = try InterventionMethod.zero.intervention(on: [constant])
    #expect(relativeError(try logits(model, batch, [zero]), clean) > 1e-3)
    let other = try InterventionMethod.mean.intervention(on: [.head(layer: 0, head: 0)], means: means)
    #expect(relativeError(try logits(model, batch, [other]), clean) > 1e-3)
  }

  @Test("needs means if its method writes them, and a forked forward if it reads another run")
  func refused() throws {
    let model = try Examples.randomModel(seed: 119, on: CPUDevice(threads: 1))
    for method in [InterventionMethod.mean, .published] {
      #expect {
        try method.intervention(on: [.mlp(layer: 0)])
      } throws: {
        if case ImportanceError.missingMeans = $0 { true } else { false }
      }
      #expect(try method.intervention(on: []) == .none)
    }
    _ = try Hooks.applying([InterventionMethod.zero.intervention(on: [.mlp(layer: 0)])], to: model)
    for method in [InterventionMethod.resample, .noising, .denoising] {
      let intervention = try method.intervention(on: [.mlp(layer: 0)])
      #expect(throws: ModelError.self) { try Hooks.applying([intervention], to: model) }
    }
  }

  @Test("on the command line names each component once, with a method that needs no other run")
  func ablations() throws {
    let configuration = Examples.configuration
    let list = try NamedIntervention.ablations("L1_H2=mean,L0_MLP=zero,L1_H0=published", in: configuration)
    #expect(list.map(\.name) == ["L1_H2=mean", "L0_MLP=zero", "L1_H0=published"])
    for text in ["L1_H2=mean,L1_H2=zero", "L0_MLP=zero,L1_H2=mean,L0_MLP=zero"] {
      #expect {
        try NamedIntervention.ablations(text, in: configuration)
      } throws: { error in
        guard case ImportanceError.namedTwice(let name) = error else { return false }
        return "\(error)".contains(name) && text.hasPrefix(name)
      }
    }
    for text in [
      "L1_H2=resample", "L1_H2=noising", "L1_H2", "L1_H2=", "L9_H0=mean", "=mean", "L0_H0>L1_H0.q=zero",
    ] {
      #expect(throws: ImportanceError.self) { try NamedIntervention.ablations(text, in: configuration) }
    }
  }

  @Test("given as a patch names an existing component or edge, and all patches use one run")
  func patches() throws {
    let configuration = Examples.configuration
    let text = "L0_H2>L1_H1.q=noising,embed>L0_MLP=zero,L1_MLP>logits=mean,L0_H1=noising,L1_H0=published"
    let list = try NamedIntervention.patches(text, in: configuration)
    #expect(list.map(\.name).joined(separator: ",") == text)
    for (text, word) in [
      ("L0_H0>L1_H0=noising", "L1_H0"), ("L0_H0>L1_H0.z=noising", "L1_H0.z"), ("L0_H9>L1_H0.q=zero", "L0_H9"),
      ("L1_H0>L0_H0.q=zero", "before"), ("L0_H0>L0_H1.k=zero", "before"), ("L0_MLP>L0_MLP=zero", "before"),
      ("L0_H0>L0_MLP>L1_H0.q=zero", "WRITER>READER"), ("logits>L0_MLP=zero", "logits"),
      ("L0_H0>L1_MLP=resample", "resample"), ("L0_H0>L1_MLP", "''"), ("L2_H0=noising", "L2_H0"),
      ("L0_H0>L1_MLP=zero,L0_H0>L1_MLP=mean", "twice"), ("L0_H0=denoising,L0_H1=zero", "denoising"),
    ] {
      #expect("\(text)") {
        try NamedIntervention.patches(text, in: configuration)
      } throws: { error in
        error is ImportanceError && "\(error)".contains(word)
      }
    }
  }
}
