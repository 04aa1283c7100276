import Foundation
import Records
import Safetensors
import TestSupport
import Testing

@Suite("train and analyze on data") struct DataCommandTests {
  private let shape = [
    "--layers", "2", "--heads", "2", "--d-model", "16", "--d-ff", "24", "--batch-size", "4", "--device",
    "cpu",
  ]

  /// Thirty sequences of eight of the tokens 0…10, each of which is to predict the next.
  private func write(_ url: URL, isCorrupted: Bool = false) throws {
    let tokens = (0..<240).map { (place: Int) -> Int in (place * place / 5 + place) % 11 }
    let targets = tokens.indices.map { $0 % 8 == 7 ? -100 : tokens[$0 + 1] }
    try SafetensorsFile(
      tensors: ([("tokens", tokens), ("targets", targets)]
        + (isCorrupted ? [("corrupted", tokens.map { ($0 + 3) % 11 })] : [])).map {
          try SafetensorsTensor(name: $0, shape: [30, 8], integers: $1)
        }
    ).write(to: url)
  }

  private func run(_ arguments: [String], in folder: URL) throws -> Program.Outcome {
    let outcome = try Program.run(arguments, in: folder)
    #expect(outcome.code == 0, "\(arguments): \(outcome.error)")
    return outcome
  }

  private func description(_ folder: URL) throws -> [String: Any] {
    let data = try Data(contentsOf: folder.appendingPathComponent("model/train.json"))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  private func record(_ folder: URL) throws -> RunRecord {
    try RunRecord.read(from: folder.appendingPathComponent("analysis/run.json"))
  }

  @Test("a model of token sequences is trained, inspected and analysed")
  func tokens() throws {
    try withFolder { folder in
      try write(folder.appendingPathComponent("own.safetensors"))
      let train = ["train", "--data", "own.safetensors", "--max-steps", "30", "--output", "model"] + shape
      let trained = try run(train, in: folder)
      #expect(trained.output.hasSuffix("model/model.safetensors\n"))
      #expect(trained.error.contains("own, seed 42: step 30, held-out loss "))
      #expect(trained.error.contains("held_out: loss "))
      let facts = try description(folder)
      #expect(facts["task"] as? String == "own" && facts["protocol"] as? String == "data")
      let origin = try #require(facts["data"] as? [String: Any])
      #expect(origin["kind"] as? String == "tokens" && origin["size"] as? Int == 30)
      #expect((origin["checksum"] as? String)?.count == 16)
      #expect((facts["configuration"] as? [String: Any])?["vocabulary"] as? Int == 11)
      let splits = try #require(facts["splits"] as? [String: [String: Any]])
      #expect(splits.keys.sorted() == ["held_out"] && splits["held_out"]?["sequences"] as? Int == 3)
      #expect(splits["held_out"]?["bits_per_byte"] == nil)
      // The same command keeps the model; other data are refused.
      #expect(try run(train, in: folder).error.contains("already trained"))
      let other = train.map { $0 == "own.safetensors" ? "other.safetensors" : $0 }
      try write(folder.appendingPathComponent("other.safetensors"))
      expectRefusal(try Program.run(other, in: folder), code: 1, "task is own, not other")
      expectRefusal(
        try Program.run(train + ["--vocabulary", "12"], in: folder), code: 1, "vocabulary is 11, not 12")
      expectRefusal(
        try Program.run(train + ["--vocabulary", "10"], in: folder), code: 1,
        "has 10 under tokens in sequence ", "the model's vocabulary is 0..<10")
      _ = try run(
        [
          "inspect", "--checkpoint", "model/model.safetensors", "--batch", "own.safetensors", "--output",
          "logits", "--device", "cpu",
        ], in: folder)
      let analyze = [
        "analyze", "model/model.safetensors", "--output", "analysis", "--device", "cpu",
      ]
      _ = try run(analyze + ["--data", "own.safetensors", "--scores", "frobenius"], in: folder)
      let record = try record(folder)
      #expect(record.components.count == 6 && record.training?.steps == 30)
      #expect(record.notes.contains("the model was trained on nine tenths of these sequences"))
      try edges(analyze, in: folder)
      try chosenInterventions(record, analyze, in: folder)
      expectRefusal(
        try Program.run(analyze, in: folder), code: 2, "was trained on data", "--data", "--text")
    }
  }

  @Test("a model of a text is trained and analysed on what it has not seen")
  func text() throws {
    try withFolder { folder in
      let letters = (0..<3000).map { (place: Int) -> UInt8 in
        let letter: Int = (place * place / 7 + place) % 9
        return UInt8(97 + letter)
      }
      try Data(letters).write(to: folder.appendingPathComponent("prose.txt"))
      try Data(letters.reversed()).write(to: folder.appendingPathComponent("other.txt"))
      let train = [
        "train", "--text", "prose.txt", "--shifted-text", "other.txt", "--context", "12", "--seed", "7",
        "--positions", "rotary", "--max-steps", "20", "--output", "model",
      ]
      let trained = try run(train + shape, in: folder)
      #expect(trained.error.contains("bits per byte"))
      let facts = try description(folder)
      let splits = try #require(facts["splits"] as? [String: [String: Double]])
      for split in ["held_out", "shifted"] {
        let score = try #require(splits[split])
        let loss = try #require(score["loss"])
        let bits = try #require(score["bits_per_byte"])
        #expect(abs(bits * log(2) - loss) < 1e-9 && score["targets"] == 12 * (score["sequences"] ?? 0))
      }
      #expect((facts["data"] as? [String: Any])?["context"] as? Int == 12)
      let analyze = ["analyze", "model/model.safetensors", "--device", "cpu", "--scores", "taylor"]
      _ = try run(
        analyze + ["--text", "prose.txt", "--sequences", "15", "--output", "analysis"], in: folder)
      let record = try record(folder)
      #expect(record.task == "prose" && record.rigorous?.samples == 15 && record.seed == 7)
      // What the ranks are of: the change of the mean log-probability of a byte.
      #expect(record.causalEffect == "log_probability" && record.rho != nil)
      let own = record.rigorous?.causal.first { $0.method == "mean" && $0.effect == "log_probability" }
      #expect(record.components.compactMap { $0.causal["mean"] } == own?.values)
      let table = try String(
        contentsOf: folder.appendingPathComponent("analysis/tables/components.csv"), encoding: .utf8)
      let rows = table.split(separator: "\n").map {
        $0.split(separator: ",", omittingEmptySubsequences: false)
      }
      let (flag, metric) = (rows[0].firstIndex(of: "is_own"), rows[0].firstIndex(of: "metric"))
      let owned = rows.dropFirst().filter { $0[flag ?? 0] == "true" }
      #expect(owned.count == 6 && owned.allSatisfy { $0[metric ?? 0] == "log_probability" })
      #expect(record.notes.contains("split 'held_out' of a text, in windows of 12 bytes"))
      #expect(record.notes.contains("the model was trained on another part of this text"))
      #expect(record.notes.contains("without corrupted tokens there is no noising and no denoising"))
      let rigorous = try #require(record.rigorous)
      #expect(Set(rigorous.causal.map(\.method)) == ["mean", "zero", "published", "resample"])
      for table in rigorous.causal where table.effect == "log_probability" {
        #expect(!table.values.contains(0), "\(table.method)")
      }
      _ = try run(
        analyze + [
          "--text", "other.txt", "--split", "training", "--context", "9", "--output", "second",
        ], in: folder)
      let second = try RunRecord.read(from: folder.appendingPathComponent("second/run.json"))
      #expect(second.ood.length == 9)
      #expect(second.notes.contains("the model was trained on other data, as its train.json says"))
    }
  }

  @Test("a study runs on a task that a file describes, and continues without the file")
  func composedTask() throws {
    try withFolder { folder in
      let file = folder.appendingPathComponent("mine.yaml")
      try Data("rule: [unique, reverse]\n".utf8).write(to: file)
      let study = ["study", "--seeds", "1", "--output", "s", "--tasks"]
      _ = try run(study + ["mine.yaml"] + Program.tiny, in: folder)
      let record = try RunRecord.read(
        from: folder.appendingPathComponent("s/runs/unique+reverse/seed-1/run.json"))
      #expect(record.task == "unique+reverse")
      try FileManager.default.removeItem(at: file)
      #expect(
        try run(study + ["unique+reverse"] + Program.tiny, in: folder)
          .error.contains("already finished, kept"))
      _ = try run(
        ["sweep", "plan", "--tasks", "unique+reverse,sort", "--seed-count", "2", "--output", "w"], in: folder)
      _ = try run(
        [
          "analyze", "s/runs/unique+reverse/seed-1/model.safetensors", "--device", "cpu", "--output", "a",
        ], in: folder)
    }
  }

  @Test("a text is not measured with a model whose tokens are not bytes")
  func otherVocabulary() throws {
    try withFolder { folder in
      try Data(repeating: 97, count: 900).write(to: folder.appendingPathComponent("prose.txt"))
      _ = try run(["train", "--max-steps", "0", "--output", "model"] + shape, in: folder)
      expectRefusal(
        try Program.run(
          [
            "analyze", "model/model.safetensors", "--text", "prose.txt", "--output", "o", "--device", "cpu",
          ], in: folder), code: 2, "has a vocabulary of 104 tokens")
    }
  }

  @Test("attributions estimate what is asked for, and circuits of components are measured and written")
  func estimates() throws {
    try withFolder { folder in
      try write(folder.appendingPathComponent("pairs.safetensors"), isCorrupted: true)
      let train = ["train", "--data", "pairs.safetensors", "--max-steps", "5", "--output", "model"] + shape
      _ = try run(train, in: folder)
      let analyze = [
        "analyze", "model/model.safetensors", "--data", "pairs.safetensors", "--device", "cpu", "--output",
        "analysis",
      ]
      func refused(_ flags: [String], _ code: Int32, _ words: String...) throws {
        let outcome = try Program.run(analyze + flags, in: folder)
        #expect(outcome.code == code, "\(flags)")
        for word in words { #expect(outcome.error.contains(word), "\(outcome.error)") }
      }
      try refused(["--reduced"], 2, "--reduced belongs to an analysis on a task")
      try refused(["--activation-checkpointing", "on"], 2, "--activation-checkpointing belongs to")
      try refused(
        ["--estimate", "resample"], 2, "--estimate: there is no intervention to estimate 'resample'")
      try refused(["--metric", "logits"], 2, "--metric: there is no metric 'logits'")
      try refused(["--metric", "logit_difference"], 2, "needs foils")
      try refused(
        ["--scores", "frobenius,fisher", "--estimate", "zero"], 2,
        "none of the gradient scores fisher, frobenius")
      let flags = ["--estimate", "noising", "--faithfulness", "--scores", "attribution_patching,relp"]
      let outcome = try run(analyze + flags, in: folder)
      #expect(outcome.error.contains("circuits of components: "))
      let record = try record(folder)
      #expect(
        record.notes.contains { $0.contains("estimate the effect of noising on target_log_probability") })
      let rankings = Set(try #require(record.rigorous).faithfulness.map(\.ranking))
      #expect(rankings == ["frobenius", "attribution_patching", "relp", "exact", "random"])
      let circuits = folder.appendingPathComponent("analysis/circuits")
      let file = try Data(contentsOf: circuits.appendingPathComponent("relp.json"))
      let circuit = try #require(try JSONSerialization.jsonObject(with: file) as? [String: Any])
      let nodes = try #require(circuit["nodes"] as? [String: [String: Any]])
      #expect(nodes.count == 2 + 2 * 3 && nodes["a1.h0"]?["score"] is Double)
      let parts = folder.appendingPathComponent("analysis/.causalgap-parts").path
      #expect(!FileManager.default.fileExists(atPath: parts))
    }
  }

  /// Edges and their circuits are in files of their own, and nothing is left of the parts.
  private func edges(_ analyze: [String], in folder: URL) throws {
    let own = analyze.map { $0 == "analysis" ? "edges" : $0 } + ["--edge-faithfulness", "--data"]
    expectRefusal(
      try Program.run(own + ["own.safetensors"], in: folder), code: 2, "edges need corrupted tokens")
    try write(folder.appendingPathComponent("pairs.safetensors"), isCorrupted: true)
    let outcome = try run(own + ["pairs.safetensors", "--scores", "frobenius"], in: folder)
    #expect(outcome.error.contains("edges by eap_ig, largest first: CPR "))
    let output = folder.appendingPathComponent("edges")
    func lines(_ name: String) throws -> Int {
      try String(contentsOf: output.appendingPathComponent(name), encoding: .utf8).split(separator: "\n")
        .count
    }
    // Two layers with two heads: from the embedding 15 readers, from L0's heads 9 each, from L0_MLP 8, from L1's heads 2 each,
    // from L1_MLP 1.
    #expect(try lines("edges.csv") == 1 + 2 * (15 + 2 * 9 + 8 + 2 * 2 + 1))
    #expect(try lines("edge_faithfulness.csv") == 1 + 4 * 11)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: output.appendingPathComponent("circuits").path)
        .sorted()
        == ["eap.json", "eap_ig.json"])
    #expect(try FileKind.of(output.appendingPathComponent(".causalgap-parts")) == nil)
  }

  /// Some interventions give the values that they give among all, however weights are kept; a dry run writes nothing.
  private func chosenInterventions(_ whole: RunRecord, _ analyze: [String], in folder: URL) throws {
    let own = analyze.map { $0 == "analysis" ? "chosen" : $0 } + ["--data", "own.safetensors"]
    let flags = ["--scores", "frobenius", "--interventions", "zero", "--weights", "keep"]
    let before = try contents(of: folder)
    let dry = try run(own + flags + ["--dry-run"], in: folder)
    #expect(dry.output.contains("weights ") && dry.output.contains("at most ") && dry.output.contains("GiB"))
    #expect(try contents(of: folder) == before)
    _ = try run(own + flags, in: folder)
    let chosen = try RunRecord.read(from: folder.appendingPathComponent("chosen/run.json"))
    let tables = try #require(chosen.rigorous).causal
    #expect(Set(tables.map(\.method)) == ["mean", "zero"])
    #expect(tables == whole.rigorous?.causal.filter { ["mean", "zero"].contains($0.method) })
    #expect(chosen.notes.contains("interventions: mean, zero"))
    expectRefusal(
      try Program.run(
        own.map { $0 == "chosen" ? "third" : $0 } + ["--interventions", "noising"], in: folder), code: 2,
      "the intervention 'noising' needs corrupted tokens")
    #expect(chosen.notes.contains { $0.contains("no matrix of the files is in half precision") })
  }
}
