import Foundation
import Safetensors
import TestSupport
import Testing

@Suite("inspect with interventions") struct PatchCommandTests {
  private static let tokens = [1, 2, 3, 4, 5, 6]

  /// Makes a model of two blocks trained for no steps, and a batch for it.
  private func withModel(
    targets: [Int] = [-100, 3, 4, -100, 6, 7], corrupted: [Int]? = [1, 9, 3, 4, 5, 8],
    _ body: (URL) throws -> Void
  ) throws {
    try withFolder { folder in
      let train = [
        "train", "--max-steps", "0", "--device", "cpu", "--output", "m", "--layers", "2", "--heads", "2",
        "--d-model", "8", "--d-ff", "16",
      ]
      try #require(try Program.run(train, in: folder).code == 0)
      var tensors = try [("tokens", Self.tokens), ("targets", targets)].map {
        try SafetensorsTensor(name: $0, shape: [2, 3], integers: $1)
      }
      if let corrupted {
        tensors.append(try SafetensorsTensor(name: "corrupted", shape: [2, 3], integers: corrupted))
      }
      try SafetensorsFile(tensors: tensors).write(to: folder.appendingPathComponent("batch"))
      try body(folder)
    }
  }

  private func inspect(_ folder: URL, _ more: [String]) throws -> Program.Outcome {
    try Program.run(
      [
        "inspect", "--checkpoint", "m/model.safetensors", "--batch", "batch", "--output", "out", "--device",
        "cpu",
      ] + more, in: folder)
  }

  private func logits(_ folder: URL, _ more: [String]) throws -> [Float] {
    let outcome = try inspect(folder, more)
    try #require(outcome.code == 0, "\(outcome.error)")
    return try SafetensorsFile(contentsOf: folder.appendingPathComponent("out")).floats(named: "logits")
  }

  @Test("a patched edge or component gives changed logits and a loss, and no gradients")
  func patched() throws {
    try withModel { folder in
      let clean = try logits(folder, [])
      var seen: Set<[Float]> = [clean]
      for patch in [
        "L0_H1>L1_H0.q=noising", "L0_H1>L1_H0.v=noising", "embed>logits=noising", "L0_MLP>L1_MLP=mean",
        "L0_MLP=zero", "L0_H1>L1_H0.q=denoising", "L0_H1>L1_H0.v=noising,L0_MLP>L1_MLP=mean",
      ] {
        let outcome = try inspect(folder, ["--patch", patch])
        #expect(outcome.code == 0 && outcome.error.hasPrefix("loss "), "\(patch): \(outcome.error)")
        let file = try SafetensorsFile(contentsOf: folder.appendingPathComponent("out"))
        #expect(try file.shape(of: "logits") == [2, 3, 104] && file.shape(of: "loss") == [1])
        #expect(file.names.sorted() == ["logits", "loss"])
        #expect(seen.insert(try file.floats(named: "logits")).inserted, "\(patch)")
      }
      // The same results as the ablation of the component.
      let ablated = try logits(folder, ["--ablate", "L0_MLP=zero"])
      #expect(try logits(folder, ["--patch", "L0_MLP=zero"]) == ablated)
    }
  }

  @Test("the error stream has the loss and the accuracy under the intervention, and --quiet has neither")
  func scores() throws {
    try withModel { folder in
      let pattern =
        /loss ([0-9.]+), token accuracy [01]\.[0-9]{3} \([0-4] of 4 targets\), exact match [01]\.[0-9]{3} \([0-2] of 2 sequences\)\n/
      for more in [[], ["--ablate", "L0_MLP=zero"], ["--patch", "L0_H1=noising"]] {
        let outcome = try inspect(folder, more)
        let line = try #require(outcome.error.wholeMatch(of: pattern), "\(outcome.error)")
        let loss = try SafetensorsFile(contentsOf: folder.appendingPathComponent("out")).floats(named: "loss")
        #expect(abs(try #require(Float(line.1)) - loss[0]) < 1e-4)
        #expect(outcome.output == "out\n")
      }
      let quiet = try inspect(folder, ["--quiet"])
      #expect(quiet.code == 0 && quiet.error.isEmpty)
    }
  }

  @Test("--edges writes attributions of every edge, with the names of writers and readers")
  func edges() throws {
    try withModel { folder in
      let outcome = try inspect(folder, ["--edges"])
      #expect(outcome.code == 0, "\(outcome.error)")
      let file = try SafetensorsFile(contentsOf: folder.appendingPathComponent("out"))
      for name in ["eap", "eap_ig"] {
        #expect(try file.shape(of: name) == [7, 15, 2])
        #expect(try file.floats(named: name).contains { $0 != 0 })
      }
      #expect(file.metadata["writers"] == "embed,L0_H0,L0_H1,L0_MLP,L1_H0,L1_H1,L1_MLP")
      #expect(file.metadata["readers"]?.hasSuffix("L1_H1.q,L1_H1.k,L1_H1.v,L1_MLP,logits") == true)
      #expect(file.contains("grad.blocks.0.attn.W_Q"))
    }
  }

  @Test("an intervention that changes nothing is reported by name")
  func nothing() throws {
    try withModel(corrupted: Self.tokens) { folder in
      for (arguments, named, silent) in [
        (["--patch", "L0_H1>L1_H0.q=noising"], "L0_H1>L1_H0.q=noising changes nothing", "L0_MLP"),
        (["--patch", "L0_MLP=zero,L0_H1=noising"], "L0_H1=noising changes nothing", "L0_MLP"),
      ] {
        let outcome = try inspect(folder, arguments)
        #expect(outcome.code == 0)
        #expect(outcome.error.contains(named) && !outcome.error.contains(silent), "\(outcome.error)")
      }
      let ablated = try inspect(folder, ["--ablate", "L0_MLP=zero"])
      #expect(ablated.code == 0 && ablated.error.hasPrefix("loss "), "\(ablated.error)")
    }
  }

  @Test("unknown, repeated and contradictory interventions are refused by name")
  func refused() throws {
    try withModel { folder in
      for (arguments, word) in [
        (["--patch", "L0_H0>L9_H0.q=noising"], "L9_H0.q"), (["--patch", "L1_H0>L0_H1.q=noising"], "before"),
        (["--patch", "L0_H0>L1_H1=noising"], "L1_H1"), (["--patch", "L0_H0>L1_H1.q=dance"], "dance"),
        (["--patch", "L0_H0>L1_H1.q=published"], "published"),
        (["--patch", "embed>L1_H1.q=mean"], "embedding"),
        (["--patch", "L0_H0=noising,L0_H0=zero"], "twice"), (["--ablate", "L0_H0=mean,L0_H0=zero"], "twice"),
        (["--patch", "L0_H0=noising", "--ablate", "L0_H1=zero"], "leave out"),
        (["--patch", "L0_H0=noising", "--activations"], "leave out"),
        (["--edges", "--ablate", "L0_H1=zero"], "without ablations"),
      ] {
        expectRefusal(try inspect(folder, arguments), code: 2, word)
      }
    }
    try withModel(corrupted: nil) { folder in
      for arguments in [["--patch", "L0_H0>L1_H1.q=noising"], ["--edges"]] {
        expectRefusal(try inspect(folder, arguments), code: 1, "corrupted")
      }
      #expect(try inspect(folder, ["--patch", "L0_H0>L1_H1.q=zero"]).code == 0)
    }
    try withModel(corrupted: [1, 9, 3, 4, 5, 800]) { folder in
      expectRefusal(try inspect(folder, ["--patch", "L0_H0=noising"]), code: 1, "800")
    }
  }

  @Test("a batch without any target is an error")
  func noTarget() throws {
    try withModel(targets: [Int](repeating: -100, count: 6)) { folder in
      for arguments in [[], ["--ablate", "L0_H0=zero"], ["--patch", "L0_H0=noising"], ["--edges"]] {
        expectRefusal(try inspect(folder, arguments), code: 1, "no position has a target")
      }
    }
  }
}
