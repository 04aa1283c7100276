import CPUDevice
import Compute
import Foundation
import RandomStreams
import Safetensors
import Tasks
import TestModels
import TestSupport
import Testing
import Transformer

@Suite("A checkpoint") struct CheckpointTests {
  @Test("is read back bit for bit", arguments: ModelConfiguration.Positions.allCases)
  func roundTrip(positions: ModelConfiguration.Positions) throws {
    let configuration = ModelConfiguration(
      layers: 3, heads: 5, dModel: 30, dMLP: 41, vocabulary: 29, context: 17, positions: positions,
      epsilon: 3e-5)
    let parameters = ParameterLayout(configuration).randomParameters(seed: 81)
    try withFolder { folder in
      let url = folder.appendingPathComponent("model.safetensors")
      try Checkpoint(configuration: configuration, parameters: parameters).write(to: url)
      let read = try Checkpoint(contentsOf: url)
      #expect(read.configuration == configuration)
      #expect(read.parameters.bits == parameters.bits)
      // Other frameworks expect the positions even if there are none.
      let file = try SafetensorsFile(contentsOf: url)
      #expect(try file.shape(of: "pos_embed.W_pos") == [17, 30])
      let isZero = try file.floats(named: "pos_embed.W_pos").allSatisfy { $0 == 0 }
      #expect(isZero == (positions != .learned))
    }
  }

  @Test("is written as it was read, tensor by tensor")
  func sameTensors() throws {
    try withFolder { folder in
      let url = folder.appendingPathComponent("model.safetensors")
      try Fixtures.small().write(to: url)
      let (ours, theirs) = (try SafetensorsFile(contentsOf: url), try Fixtures.tensors("small.safetensors"))
      #expect(Set(ours.names) == Set(theirs.names))
      for name in theirs.names {
        let (tensor, expected) = (try ours.tensor(named: name), try theirs.tensor(named: name))
        #expect(tensor.typeName == expected.typeName && tensor.shape == expected.shape)
        #expect(try tensor.contents() == expected.contents())
      }
    }
  }

  @Test("with Adam's moments continues a training as if it had not stopped")
  func continuedTraining() throws {
    let configuration = ModelConfiguration(layers: 2, heads: 2, dModel: 34, dMLP: 50)
    let device = try CPUDevice(threads: 2)
    var stream = CounterStream(seed: 82, purpose: .trainingData)
    let batches = (0..<8).map { _ in
      BatchLayout.published.sequences(IntegerTask.reverse.samples(19, length: 2...5, from: &stream))
    }
    func train(_ model: Transformer, _ optimiser: AdamOptimiser, _ steps: Range<Int>) throws -> [Float] {
      try steps.flatMap { step -> [Float] in
        try model.computeGradients(try Batch(batches[step], for: configuration, on: device))
        let loss = try model.readLosses(slots: 0..<1)
        try optimiser.update(model)
        return loss
      }
    }
    let initial = ParameterLayout(configuration).randomParameters(seed: 83)
    let model = try Transformer(configuration, parameters: [initial], on: device)
    let optimiser = try AdamOptimiser(model)
    let start = try train(model, optimiser, 0..<4)
    let moments = try optimiser.moments(ofModel: 0)
    try withFolder { folder in
      let url = folder.appendingPathComponent("model.safetensors")
      try Checkpoint(configuration: configuration, parameters: model.parameters(ofModel: 0)).write(to: url)
      let expected = try train(model, optimiser, 4..<8)
      let checkpoint = try Checkpoint(contentsOf: url)
      let reloaded = try Transformer(
        checkpoint.configuration, parameters: [checkpoint.parameters], on: device)
      let continued = try AdamOptimiser(reloaded, step: 4)
      try continued.restore(moments, ofModel: 0)
      #expect(try train(reloaded, continued, 4..<8).bits == expected.bits)
      #expect(Set(start + expected).count == 8)
      #expect(continued.step == 8)
      // Without the moments the result would differ.
      let forgetful = try Transformer(
        checkpoint.configuration, parameters: [checkpoint.parameters], on: device)
      #expect(try train(forgetful, AdamOptimiser(forgetful), 4..<8).bits != expected.bits)
    }
  }

  @Test("without a positions key has learned positions if the tensor exists, else none")
  func undeclaredPositions() throws {
    try withFolder { folder in
      for (keeps, positions) in [(true, ModelConfiguration.Positions.learned), (false, .none)] {
        let small = try Fixtures.tensors("small.safetensors")
        let url = folder.appendingPathComponent("model.safetensors")
        try SafetensorsFile(
          metadata: ["config": try edited(small, removing: "positions")],
          tensors: small.tensors.filter { keeps || $0.name != "pos_embed.W_pos" }
        ).write(to: url)
        #expect(try Checkpoint(contentsOf: url).configuration.positions == positions)
      }
    }
  }
}

/// A way to damage the small model's checkpoint, and what the error must say besides the file.
struct Damage: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var expected: [String]
  var isModelError = false
  var change: @Sendable (SafetensorsFile) throws -> Data

  static let all: [Damage] = [
    configured("no configuration", says: ["config"]) { _ in nil },
    configured("a configuration that is no JSON", says: ["configuration"]) { _ in "{n_layers: 3" },
    configured("a configuration without d_mlp", says: ["configuration"]) {
      try edited($0, removing: "d_mlp")
    },
    configured("a d_head that does not fit", says: ["5 heads of width 9", "d_model of 40"]) {
      try edited($0, "d_head", 9)
    },
    configured("a d_head whose product overflows", says: ["heads of width"]) {
      try edited($0, "d_head", Int.max / 2)
    },
    configured("no heads", says: ["0 heads"]) { try edited($0, "n_heads", 0) },
    configured("negative layers", says: ["layers", "-3"]) { try edited($0, "n_layers", -3) },
    configured("an impossible eps", says: ["eps"]) { try edited($0, "eps", -1) },
    configured("another activation", says: ["act_fn 'relu'", "gelu"]) { try edited($0, "act_fn", "relu") },
    configured("another normalisation", says: ["normalization_type 'RMS'"]) {
      try edited($0, "normalization_type", "RMS")
    },
    configured("unsupported positions", says: ["positions 'alibi'", "none, learned"]) {
      try edited($0, "positions", "alibi")
    },
    file("more layers than tensors", says: ["blocks.3.ln1.w"]) {
      try configuration($0, edited($0, "n_layers", 4))
    },
    file("a model far larger than its file", says: ["embed.W_E"]) {
      try configuration($0, edited($0, ["d_model": 8000, "d_head": 1600, "d_mlp": 16_000]))
    },
    file("very many layers", says: ["blocks.3.ln1.w"]) {
      try configuration($0, edited($0, "n_layers", 40_000))
    },
    tensors("a tensor missing", says: ["blocks.1.attn.W_V"]) { $0.filter { $0.name != "blocks.1.attn.W_V" } },
    tensors("a tensor of another shape", says: ["blocks.2.mlp.b_in", "[72]", "[71]"]) {
      try replacing($0, "blocks.2.mlp.b_in", shape: [71], [Float](repeating: 0, count: 71))
    },
    tensors("a tensor turned over", says: ["blocks.0.mlp.W_in", "[40, 72]", "[72, 40]"]) {
      try replacing($0, "blocks.0.mlp.W_in", shape: [72, 40], [Float](repeating: 0, count: 72 * 40))
    },
    tensors("a NaN", says: ["unembed.b_U"]) {
      try replacing($0, "unembed.b_U", shape: [31], [Float](repeating: 0, count: 30) + [.nan])
    },
    tensors("an infinity", says: ["ln_final.w"]) {
      try replacing($0, "ln_final.w", shape: [40], [.infinity] + [Float](repeating: 0, count: 39))
    },
    tensors("integers for floats", says: ["ln_final.b"]) { tensors in
      try tensors.filter { $0.name != "ln_final.b" }
        + [SafetensorsTensor(name: "ln_final.b", shape: [40], integers: [Int32](repeating: 0, count: 40))]
    },
    Damage(testDescription: "the last byte missing", expected: ["unembed"]) {
      try $0.serialised().dropLast()
    },
    Damage(testDescription: "half a header", expected: []) { try $0.serialised().prefix(700) },
    Damage(testDescription: "no bytes", expected: []) { _ in Data() },
  ]

  private static func configured(
    _ name: String, says expected: [String], _ config: @escaping @Sendable (SafetensorsFile) throws -> String?
  ) -> Damage {
    Damage(testDescription: name, expected: expected, isModelError: true) { file in
      try SafetensorsFile(
        metadata: try config(file).map { ["config": $0] } ?? [:], tensors: file.tensors
      ).serialised()
    }
  }

  private static func file(
    _ name: String, says expected: [String], _ change: @escaping @Sendable (SafetensorsFile) throws -> Data
  ) -> Damage {
    Damage(testDescription: name, expected: expected, change: change)
  }

  private static func tensors(
    _ name: String, says expected: [String],
    _ change: @escaping @Sendable ([SafetensorsTensor]) throws -> [SafetensorsTensor]
  ) -> Damage {
    Damage(testDescription: name, expected: expected) { file in
      try SafetensorsFile(metadata: file.metadata, tensors: change(file.tensors)).serialised()
    }
  }
}

private func configuration(_ file: SafetensorsFile, _ config: String) throws -> Data {
  try SafetensorsFile(metadata: ["config": config], tensors: file.tensors).serialised()
}

private func replacing(
  _ tensors: [SafetensorsTensor], _ name: String, shape: [Int], _ values: [Float]
) throws -> [SafetensorsTensor] {
  try tensors.filter { $0.name != name } + [SafetensorsTensor(name: name, shape: shape, floats: values)]
}

/// The file's configuration with changed values or a removed key.
private func edited(_ file: SafetensorsFile, _ values: [String: Any], removing key: String? = nil) throws
  -> String
{
  let json = Data(try #require(file.metadata["config"]).utf8)
  var config = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
  config.merge(values) { $1 }
  if let key { config[key] = nil }
  return String(decoding: try JSONSerialization.data(withJSONObject: config), as: UTF8.self)
}

private func edited(_ file: SafetensorsFile, _ key: String, _ value: Any) throws -> String {
  try edited(file, [key: value])
}

private func edited(_ file: SafetensorsFile, removing key: String) throws -> String {
  try edited(file, [:], removing: key)
}

@Suite("A damaged checkpoint") struct DamagedCheckpointTests {
  @Test("is refused with the file's name and the reason", arguments: Damage.all)
  func damage(_ damage: Damage) throws {
    try withFolder { folder in
      let url = folder.appendingPathComponent("damaged.safetensors")
      let bytes = try damage.change(Fixtures.tensors("small.safetensors"))
      try bytes.write(to: url)
      #expect {
        try Checkpoint(contentsOf: url)
      } throws: { error in
        let rightKind =
          if case ModelError.checkpoint = error { damage.isModelError } else { error is SafetensorsError }
        let text = "\(error)"
        return rightKind && text.contains(url.path) && damage.expected.allSatisfy(text.contains)
      }
    }
  }

  @Test("that does not exist is refused by name")
  func missing() {
    #expect {
      try Checkpoint(contentsOf: URL(fileURLWithPath: "/nowhere/model.safetensors"))
    } throws: {
      "\($0)".contains("/nowhere/model.safetensors") && $0 is SafetensorsError
    }
  }
}
