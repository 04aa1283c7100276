import Foundation
import Safetensors
import TestSupport
import Testing

@Suite("Checkpoints and batches that cannot be read")
struct DamagedFilesTests {
  /// Makes a model trained for no steps, and a batch that fits it.
  private func withModel(_ body: (URL) throws -> Void) throws {
    try withFolder { folder in
      let train = ["train", "--max-steps", "0", "--device", "cpu", "--output", "m"] + Program.shape
      try #require(try Program.run(train, in: folder).code == 0)
      try FileManager.default.moveItem(
        at: folder.appendingPathComponent("m/model.safetensors"), to: folder.appendingPathComponent("good"))
      try writeBatch(folder.appendingPathComponent("batch"))
      try body(folder)
    }
  }

  private func writeBatch(
    _ file: URL, tokens: [Int] = [1, 2, 3, 4, 5, 6], targets: [Int] = [-100, 3, 4, -100, 6, 7],
    shape: [Int] = [2, 3], targetShape: [Int]? = nil
  ) throws {
    try SafetensorsFile(tensors: [
      SafetensorsTensor(name: "tokens", shape: shape, integers: tokens),
      SafetensorsTensor(name: "targets", shape: targetShape ?? shape, integers: targets),
    ]).write(to: file)
  }

  private func inspect(
    _ folder: URL, checkpoint: String = "good", batch: String = "batch", output: String = "out",
    _ more: [String] = []
  ) throws -> Program.Outcome {
    try Program.run(
      ["inspect", "--checkpoint", checkpoint, "--batch", batch, "--output", output, "--device", "cpu"] + more,
      in: folder)
  }

  @Test("a valid batch and checkpoint give logits, a loss and gradients")
  func good() throws {
    try withModel { folder in
      let outcome = try inspect(folder, ["--ablate", "L0_H1=mean,L0_MLP=zero", "--activations"])
      #expect(outcome.code == 0, "\(outcome.error)")
      let file = try SafetensorsFile(contentsOf: folder.appendingPathComponent("out"))
      #expect(try file.shape(of: "logits") == [2, 3, 104])
      #expect(file.contains("grad.blocks.0.mlp.W_out"))
      #expect(file.contains("blocks.0.attn.hook_z"))
    }
  }

  @Test("missing, empty, truncated, garbled, misshapen and NaN checkpoints are named and kept")
  func checkpoints() throws {
    try withModel { folder in
      let good = try Data(contentsOf: folder.appendingPathComponent("good"))
      func write(_ name: String, _ data: Data) throws {
        try data.write(to: folder.appendingPathComponent(name))
      }
      try write("empty", Data())
      try write("cut-header", good.prefix(100))
      try write("cut-tensor", good.dropLast(100))
      try write("garbage", Data(repeating: 0x5a, count: 4_096))
      var garbled = good
      garbled.replaceSubrange(8..<40, with: Data(repeating: 0x21, count: 32))
      try write("garbled", garbled)
      let file = try SafetensorsFile(contentsOf: folder.appendingPathComponent("good"))
      func replace(_ name: String, _ shape: [Int], _ value: Float, as copy: String) throws {
        let count = shape.reduce(1, *)
        let tensors = try file.tensors.map {
          $0.name == name
            ? try SafetensorsTensor(name: name, shape: shape, floats: [Float](repeating: value, count: count))
            : $0
        }
        try SafetensorsFile(metadata: file.metadata, tensors: tensors)
          .write(to: folder.appendingPathComponent(copy))
      }
      try replace("blocks.0.mlp.W_in", [17, 32], 0, as: "misshapen")
      try replace("blocks.0.mlp.W_in", [16, 32], .nan, as: "nan")
      try SafetensorsFile(tensors: file.tensors).write(to: folder.appendingPathComponent("no-configuration"))
      let config = try #require(file.metadata["config"])
      for (name, from, to) in [
        ("huge", "\"n_layers\":1", "\"n_layers\":1000000000"),
        ("negative", "\"n_layers\":1", "\"n_layers\":-1"),
        ("no-heads", "\"n_heads\":2", "\"n_heads\":0"), ("json", "{", "["),
      ] {
        try SafetensorsFile(metadata: ["config": config.replacing(from, with: to)], tensors: file.tensors)
          .write(to: folder.appendingPathComponent(name))
      }
      try FileManager.default.createDirectory(
        at: folder.appendingPathComponent("folder"), withIntermediateDirectories: true)

      let before = try contents(of: folder)
      for name in [
        "missing", "empty", "cut-header", "cut-tensor", "garbage", "garbled", "misshapen", "nan",
        "no-configuration", "huge", "negative", "no-heads", "json", "folder", "batch",
      ] {
        expectRefusal(try inspect(folder, checkpoint: name), code: 1, name)
        let analysis = ["analyze", name, "--device", "cpu", "--output", "a"]
        expectRefusal(try Program.run(analysis, in: folder), code: 1, name)
        #expect(try contents(of: folder) == before, "\(name)")
      }
    }
  }

  @Test("batches that do not fit the model are refused with the reason")
  func batches() throws {
    try withModel { folder in
      func refused(_ words: String) throws {
        expectRefusal(try inspect(folder, batch: "bad"), code: 1, words)
        #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent("out").path))
      }
      let bad = folder.appendingPathComponent("bad")
      try refused("bad")
      for data in [Data(), Data(repeating: 0xff, count: 64), Data([8, 0, 0, 0, 0, 0, 0, 0])] {
        try data.write(to: bad)
        try refused("bad")
      }
      try writeBatch(bad, tokens: [1, 2, 3, 4, 5, 104])
      try refused("token 104")
      try writeBatch(bad, tokens: [1, 2, 3, 4, 5, -1])
      try refused("token -1")
      try writeBatch(bad, tokens: [1, 2, 3, 4, 5, 1 << 40])
      try refused("token \(1 << 40)")
      try writeBatch(bad, targets: [-100, 3, 4, -100, 6, 104])
      try refused("target 104")
      try writeBatch(bad, targets: [-100, 3, 4, -100, 6, -1])
      try refused("target -1")
      try writeBatch(bad, targetShape: [3, 2])
      try refused("'targets'")
      try writeBatch(bad, targets: [3, 4], targetShape: [2])
      try refused("'targets'")
      try writeBatch(bad, shape: [6])
      try refused("[B, T]")
      try writeBatch(bad, tokens: [], targets: [], shape: [0, 3])
      try refused("[B, T]")
      try SafetensorsFile(tensors: [
        SafetensorsTensor(name: "tokens", shape: [1, 2], integers: [1, 2] as [Int])
      ])
      .write(to: bad)
      try refused("'targets'")
      try SafetensorsFile(tensors: [
        SafetensorsTensor(name: "tokens", shape: [1, 2], floats: [1, .nan]),
        SafetensorsTensor(name: "targets", shape: [1, 2], integers: [1, 2] as [Int]),
      ]).write(to: bad)
      try refused("'tokens'")
    }
  }

  @Test("unknown components and methods are usage errors")
  func ablations() throws {
    try withModel { folder in
      for text in ["L9_H0=mean", "L0_H0=dance", "L0_H0", "dance=zero", "=mean"] {
        expectRefusal(try inspect(folder, ["--ablate", text]), code: 2)
        #expect(try contents(of: folder)["out"] == nil)
      }
    }
  }

  @Test("the inspected files are never overwritten, and a missing folder is named")
  func outputs() throws {
    try withModel { folder in
      let before = try contents(of: folder)
      for name in ["good", "batch", "./good"] {
        expectRefusal(try inspect(folder, output: name), code: 2, "--output")
      }
      expectRefusal(try inspect(folder, output: "none/out"), code: 1, "none/out")
      #expect(try contents(of: folder) == before)
    }
  }
}
