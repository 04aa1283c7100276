import Foundation
import Records
import TestSupport
import Testing

@Suite("Results of commands")
struct ResultsTests {
  @Test("every table can be printed as valid JSON")
  func json() throws {
    try withFolder { folder in
      let commands = [
        Program.oneRun + ["--output", "s", "--json"], ["report", "s", "--json"],
        ["validate", "--device", "cpu", "--operations", "adam", "--json"], ["devices", "--json"],
      ]
      for arguments in commands {
        let outcome = try Program.run(arguments, in: folder)
        #expect(outcome.code == 0, "\(outcome.error)")
        let value = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
        #expect(value is [String: Any] || value is [Any])
        expectSnakeCase(value, "\(arguments[0])")
      }
      for name in ["run.json", "train.json"] {
        let file = folder.appendingPathComponent("s/runs/sort/seed-1/\(name)")
        expectSnakeCase(try JSONSerialization.jsonObject(with: Data(contentsOf: file)), name)
      }
    }
  }

  /// Every key at every depth, except the names of components.
  private func expectSnakeCase(_ value: Any, _ place: String) {
    if let object = value as? [String: Any] {
      for (key, value) in object {
        let isName = key.wholeMatch(of: /L[0-9]+_(H[0-9]+|MLP)/) != nil
        #expect(isName || key.wholeMatch(of: /[a-z0-9_]+/) != nil, "\(place): \(key)")
        expectSnakeCase(value, place)
      }
    }
    for value in value as? [Any] ?? [] { expectSnakeCase(value, place) }
  }

  @Test("a second run of a finished study leaves every record unchanged")
  func again() throws {
    try withFolder { folder in
      let arguments = Program.oneRun + ["--output", "s"]
      #expect(try Program.run(arguments, in: folder).code == 0)
      let before = try contents(of: folder)
      let again = try Program.run(arguments, in: folder)
      #expect(again.code == 0)
      #expect(again.error.contains("sort, seed 1: already finished, kept"))
      #expect(try contents(of: folder) == before)
    }
  }

  @Test("the same seed in two folders gives the same records, checkpoints and logs")
  func reproducible() throws {
    try withFolder { folder in
      for name in ["a", "b"] {
        #expect(try Program.run(Program.oneRun + ["--output", name], in: folder).code == 0)
      }
      try expectSameRun(folder.appendingPathComponent("a"), folder.appendingPathComponent("b"), task: "sort")
    }
  }

  @Test("an ensemble gives the same records, checkpoints and logs, and names the models trained together")
  func ensemble() throws {
    try withFolder { folder in
      let arguments = ["study", "--tasks", "sort", "--seeds", "1,2"] + Program.tiny
      #expect(try Program.run(arguments + ["--output", "a"], in: folder).code == 0)
      let outcome = try Program.run(arguments + ["--ensemble", "4", "--output", "b"], in: folder)
      #expect(outcome.code == 0, "\(outcome.error)")
      #expect(outcome.error.contains("side by side: sort, seeds 1 2; sort, Table 6, seeds 1 2"))
      try expectSameRun(folder.appendingPathComponent("a"), folder.appendingPathComponent("b"), task: "sort")
    }
  }

  @Test("the number of threads changes no bit")
  func threads() throws {
    try withFolder { folder in
      for (name, threads) in [("a", "1"), ("b", "3")] {
        let outcome = try Program.run(
          Program.oneRun + ["--threads", threads, "--output", name], in: folder)
        #expect(outcome.code == 0, "\(outcome.error)")
      }
      try expectSameRun(folder.appendingPathComponent("a"), folder.appendingPathComponent("b"), task: "sort")
    }
  }

  @Test("training without steps writes the initial model, and a second training gives the same")
  func initialModel() throws {
    try withFolder { folder in
      let arguments = ["train", "--seed", "3", "--device", "cpu", "--max-steps", "0"] + Program.shape
      let outcome = try Program.run(arguments + ["--output", "t"], in: folder)
      #expect(outcome.code == 0, "\(outcome.error)")
      let before = try contents(of: folder)
      #expect(Set(before.keys) == ["t/model.safetensors", "t/train.csv", "t/train.json"])
      #expect(try Program.run(arguments + ["--output", "t"], in: folder).code == 0)
      #expect(try contents(of: folder) == before)
      let other = ["train", "--seed", "4", "--device", "cpu", "--max-steps", "0"] + Program.shape
      expectRefusal(try Program.run(other + ["--output", "t"], in: folder), code: 1, "seed is 3, not 4")
      #expect(try contents(of: folder) == before)
    }
  }

  @Test("an analysis of a study's checkpoint continues its stream and gives the study's results")
  func analysis() throws {
    try withFolder { folder in
      #expect(
        try Program.run(Program.oneRun + ["--learning-rate", "0.002", "--output", "s"], in: folder).code == 0)
      let study = StudyFolder(folder.appendingPathComponent("s"))
      let arguments = [
        "analyze", study.checkpoint(task: "sort", seed: 1).path, "--seed", "1", "--device", "cpu",
      ]
      let outcome = try Program.run(arguments + ["--output", "a"], in: folder)
      #expect(outcome.code == 0, "\(outcome.error)")
      #expect(!outcome.error.contains("note:"))
      let file = folder.appendingPathComponent("a/run.json")
      var expected = try #require(try study.readRecord(task: "sort", seed: 1)).withoutTimings
      expected.table6 = nil
      #expect(try RunRecord.read(from: file).withoutTimings == expected)
      let page = folder.appendingPathComponent("a/report.html")
      #expect(outcome.error.contains("page: \(page.path)") && outcome.output == "\(file.path)\n")
      for name in ["report.html", "summary.json", "tables/components.csv", "figures/alignment.svg"] {
        #expect(
          FileManager.default.fileExists(atPath: folder.appendingPathComponent("a/\(name)").path), "\(name)")
      }

      // The same analysis again changes nothing. Another record, the study's own with Table 6, is not
      // replaced.
      let before = try contents(of: folder)
      #expect(try Program.run(arguments + ["--output", "a"], in: folder).code == 0)
      let refused = try Program.run(arguments + ["--output", "s/runs/sort/seed-1"], in: folder)
      #expect(refused.code == 1)
      #expect(refused.complaints.last?.contains("another record already") == true, "\(refused.error)")
      #expect(try contents(of: folder) == before)
    }
  }

  @Test("an analysis without train.json starts new streams and says so")
  func freshStreams() throws {
    try withFolder { folder in
      #expect(try Program.run(Program.oneRun + ["--output", "s"], in: folder).code == 0)
      let model = StudyFolder(folder.appendingPathComponent("s")).checkpoint(task: "sort", seed: 1)
      try FileManager.default.copyItem(at: model, to: folder.appendingPathComponent("alone.safetensors"))
      let outcome = try Program.run(
        ["analyze", "alone.safetensors", "--seed", "1", "--device", "cpu", "--output", "a"], in: folder)
      #expect(outcome.code == 0, "\(outcome.error)")
      #expect(outcome.errorLines.count { $0.hasPrefix("note: no train.json") } == 1)
      #expect(outcome.error.contains("its task is not known: it is measured on sort; --task names another"))
      let record = try RunRecord.read(from: folder.appendingPathComponent("a/run.json"))
      #expect(record.training == nil)
      #expect(record.notes.contains { $0.hasPrefix("no train.json") })
    }
  }

  @Test("an analysis takes task and seed from train.json and refuses others")
  func knownTraining() throws {
    try withFolder { folder in
      let study = Program.oneRun.map { $0 == "sort" ? "copy" : $0 } + ["--output", "s"]
      #expect(try Program.run(study, in: folder).code == 0)
      let model = StudyFolder(folder.appendingPathComponent("s")).checkpoint(task: "copy", seed: 1)
      let analyze = ["analyze", model.path, "--device", "cpu", "--output"]
      for other in [["--seed", "2"], ["--task", "sort"]] {
        let outcome = try Program.run(analyze + ["other"] + other, in: folder)
        expectRefusal(outcome, code: 2, other[0], "train.json")
        #expect(try FileKind.of(folder.appendingPathComponent("other")) == nil)
      }
      #expect(try Program.run(analyze + ["own"], in: folder).code == 0)
      #expect(try Program.run(analyze + ["own", "--task", "copy", "--seed", "1"], in: folder).code == 0)
      let record = try RunRecord.read(from: folder.appendingPathComponent("own/run.json"))
      #expect((record.task, record.seed, record.protocolName) == ("copy", 1, "published"))
      #expect(record.training != nil)

      // The options of an analysis may differ from those of the training.
      let paper = try Program.run(analyze + ["paper", "--protocol", "paper"], in: folder)
      #expect(paper.code == 0, "\(paper.error)")
      #expect(paper.errorLines.count { $0.hasPrefix("note: trained under the protocol published") } == 1)
      let other = try RunRecord.read(from: folder.appendingPathComponent("paper/run.json"))
      #expect((other.task, other.seed, other.protocolName) == ("copy", 1, "paper"))
      #expect(other.training == record.training)
      // An existing record of another kind is detected before anything is measured.
      let refused = try Program.run(analyze + ["paper"], in: folder)
      expectRefusal(refused, code: 1, "another record already", "paper/run.json or choose")
    }
  }

  @Test("a reader that has gone, a closed stream and a full one do no harm")
  func streams() throws {
    try withFolder { folder in
      func shell(_ script: String, _ arguments: [String] = []) throws -> Program.Outcome {
        try Program.run(arguments, in: folder, launcher: ["/bin/bash", "-c", script])
      }
      let closed = try shell("\"$0\" \"$@\" | true; echo ${PIPESTATUS[0]}", ["devices"])
      #expect(["0\n", "141\n"].contains(closed.output))
      #expect(closed.error.isEmpty)
      let silent = try shell("exec \"$0\" \"$@\" 2>&-", Program.oneRun + ["--output", "s"])
      #expect(silent.code == 0)
      // Output to a closed stream must not be written into a file.
      #expect(try Program.run(["report", "s"], in: folder).code == 0)
      #expect(try Program.run(Program.oneRun + ["--output", "t"], in: folder).code == 0)
      try expectSameRun(folder.appendingPathComponent("s"), folder.appendingPathComponent("t"), task: "sort")
      let full = try shell("exec \"$0\" \"$@\" >/dev/full", ["devices"])
      expectRefusal(full, code: 1, "can't write the output", "no space left")
    }
  }
}

/// The record of seed 1 of a task, without timings.
func expectSameRun(
  _ a: URL, _ b: URL, task: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let (left, right) = (StudyFolder(a), StudyFolder(b))
  let record = try left.readRecord(task: task, seed: 1)?.withoutTimings
  #expect(record != nil, sourceLocation: sourceLocation)
  #expect(try record == right.readRecord(task: task, seed: 1)?.withoutTimings, sourceLocation: sourceLocation)
  let (ours, theirs) = (
    try contents(of: left.run(task: task, seed: 1)), try contents(of: right.run(task: task, seed: 1))
  )
  #expect(Set(ours.keys) == Set(theirs.keys), sourceLocation: sourceLocation)
  // The records and train.json contain measured seconds.
  for (name, bytes) in ours where !name.hasSuffix(".json") {
    #expect(theirs[name] == bytes, "\(name) differs", sourceLocation: sourceLocation)
  }
}
