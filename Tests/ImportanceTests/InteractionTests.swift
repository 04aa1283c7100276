import CPUDevice
import Compute
import Foundation
import Importance
import RandomStreams
import Safetensors
import TestDevices
import TestModels
import TestSupport
import Testing
import Transformer

@Suite("Joint and interpolated ablations") struct InteractionTests {
  /// PyTorch's results, written by `Tests/Oracle/make_interaction_fixture.py`.
  private struct Fixture {
    let file: SafetensorsFile
    let evaluation: CausalEvaluation

    init(on device: any Device) throws {
      file = try Fixtures.tensors("small_interactions.safetensors")
      let checkpoint = try Fixtures.small()
      let model = try Transformer(checkpoint.configuration, parameters: [checkpoint.parameters], on: device)
      let data = try TokenData(
        contentsOf: Fixtures.url("small_interactions_batch.safetensors"), for: checkpoint.configuration)
      var stream = CounterStream(seed: 1, purpose: .resample)
      evaluation = CausalEvaluation(
        model, CausalSamples(data, from: &stream),
        means: try ComponentMeans(model, batches: [data.sequences]))
    }

    func names(_ key: String) throws -> [String] {
      try #require(file.metadata[key]).split(separator: ",").map(String.init)
    }

    func values(_ name: String) throws -> [Double] { try file.floats(named: name).map(Double.init) }
  }

  private static func component(_ name: some StringProtocol) throws -> Component {
    let model = try Fixtures.small().configuration
    return try #require(Component.all(of: model).first { $0.name == name })
  }

  @Test("of all coalitions are PyTorch's", arguments: Backend.allCases)
  func coalitions(_ backend: Backend) throws {
    let fixture = try Fixture(on: backend.make())
    let players = try fixture.names("players").map(Self.component)
    let sets = (0..<1 << players.count).map { coalition in
      players.indices.filter { coalition >> $0 & 1 == 1 }.map { players[$0] }
    }
    let effects = try #require(try fixture.evaluation.effects(of: sets, [.mean])[.mean]).effects
    let found = effects.flatMap(\.logProbability)
    let error = relativeError(found, try fixture.values("worths"))
    #expect(error <= backend.bound, "\(error)")
  }

  @Test(
    "part of the way are PyTorch's, beside components that are replaced whole", arguments: Backend.allCases)
  func interpolated(_ backend: Backend) throws {
    let fixture = try Fixture(on: backend.make())
    let ablations = try fixture.names("ablations").map { text in
      let parts = text.split(separator: "|", omittingEmptySubsequences: false)
      return InterpolatedAblation(
        replaced: try parts[0].split(separator: "+").map(Self.component), moved: try Self.component(parts[1]),
        share: try #require(Double(parts[2])))
    }
    // In one batch, and in many.
    for rowLimit in [4096, 10] {
      var evaluation = fixture.evaluation
      evaluation.rowLimit = rowLimit
      let found = try evaluation.outcomes(ablations).flatMap(\.logProbability)
      let error = relativeError(found, try fixture.values("moved"))
      #expect(error <= backend.bound, "\(error)")
    }
  }

  @Test("of no way change nothing, and of the whole way are ablations by the mean")
  func ends() throws {
    let model = try Examples.randomModel(seed: 171, on: CPUDevice(threads: 2))
    let samples = try Examples.causalSamples(9, 2...4, seed: 172)
    let evaluation = CausalEvaluation(
      model, samples, means: try ComponentMeans(model, batches: [samples.sequences]))
    let components = Component.all(of: model.configuration)
    let found = try evaluation.outcomes(
      components.flatMap { component in
        [0, 1].map { InterpolatedAblation(replaced: [], moved: component, share: $0) }
      })
    let expected = try evaluation.outcomes(
      components.flatMap { [.none, try evaluation.intervention(on: [$0], .mean)] })
    for effect in Effect.allCases {
      let error = relativeError(found.flatMap { $0[effect] }, expected.flatMap { $0[effect] })
      #expect(error <= 1e-5, "\(effect): \(error)")
    }
    for place in stride(from: 0, to: found.count, by: 2) { #expect(found[place] == expected[place]) }
  }

  @Test("need means, and a component that is not replaced already")
  func refused() throws {
    let model = try Examples.randomModel(seed: 173, on: CPUDevice(threads: 1))
    let samples = try Examples.causalSamples(3, 2...2, seed: 174)
    let head = Component.head(layer: 0, head: 1)
    let ablation = InterpolatedAblation(replaced: [head], moved: head, share: 0.5)
    #expect(throws: ImportanceError.self) {
      try CausalEvaluation(model, samples).outcomes([ablation])
    }
    let means = try ComponentMeans(model, batches: [samples.sequences])
    #expect(throws: ModelError.self) {
      try CausalEvaluation(model, samples, means: means).outcomes([ablation])
    }
  }
}
