import Foundation
import Records
import TestSupport
import Testing

@Suite("A study's YAML file")
struct ConfigurationFileTests {
  @Test(
    "a file that cannot be used is named, with the reason",
    arguments: [
      ("layrs: 2\n", "study.yaml:1: there is no option 'layrs'; did you mean layers?"),
      ("layers: 1\nseeds: [1, two]\n", "study.yaml:2: seeds[1] must be a whole number, not 'two'"),
      ("tasks: [dance]\n", "dance"),
      ("seeds: [1, 1]\n", "twice"), ("tasks: [sort, sort]\n", "twice"), ("- layers\n", "keys and values"),
      ("layers\n", "keys and values"), ("layers: [1\n", "study.yaml"), ("layers: 1\nlayers: 2\n", "layers"),
      ("seeds: [1]\nseed_count: 2\n", "seed_count"), ("protocol: dance\n", "dance"),
      ("device: dance\n", "dance"),
      ("positions: dance\n", "dance"), ("ensemble: dance\n", "dance"), ("layers: -1\n", "layers"),
      ("seeds: []\n", "no seed"),
    ])
  func damaged(text: String, word: String) throws {
    try withFolder { folder in
      try Data(text.utf8).write(to: folder.appendingPathComponent("study.yaml"))
      let outcome = try Program.run(["study", "--config", "study.yaml"], in: folder)
      expectRefusal(outcome, code: 2, word)
      #expect(try contents(of: folder).count == 1)
    }
  }

  @Test("a file that does not exist is named")
  func missing() throws {
    try withFolder { folder in
      expectRefusal(try Program.run(["study", "--config", "none.yaml"], in: folder), code: 2, "none.yaml")
    }
  }

  @Test("the values of the file are used, and flags override them")
  func flagsWin() throws {
    try withFolder { folder in
      let text = """
        tasks: [reverse]
        seeds: [5]
        protocol: paper
        layers: 1
        heads: 2
        d_model: 16
        d_ff: 32
        batch_size: 4
        max_steps: 20
        learning_rate: 0.002
        device: cpu
        ensemble: 2
        output: from-file
        """
      try Data(text.utf8).write(to: folder.appendingPathComponent("study.yaml"))
      let outcome = try Program.run(
        ["study", "--config", "study.yaml", "--max-steps", "10", "--seeds", "6", "--output", "from-flag"],
        in: folder)
      #expect(outcome.code == 0, "\(outcome.error)")
      let records = try StudyFolder(folder.appendingPathComponent("from-flag")).readRecords()
      let record = try #require(records.first)
      #expect(records.count == 1)
      #expect((record.task, record.seed, record.protocolName) == ("reverse", 6, "paper"))
      #expect(record.configuration.layers == 1)
      #expect(record.configuration.batchSize == 4)
      #expect(record.configuration.learningRate == 0.002)
      #expect(record.configuration.maxSteps == 10)
      #expect(record.configuration.positions == "learned")
      #expect(record.training?.steps == 10)
      #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent("from-file").path))
    }
  }

  @Test("the file may be a pipe or standard input", arguments: ["-", "/dev/stdin"])
  func pipe(path: String) throws {
    try withFolder { folder in
      let text = "tasks: sort\nseeds: 1-3\nmax_steps: 010\n"
      try Data(text.utf8).write(to: folder.appendingPathComponent("study.yaml"))
      let outcome = try Program.run(
        ["study", "--config", path, "--dry-run"], in: folder,
        launcher: ["/bin/sh", "-c", "cat study.yaml | \"$0\" \"$@\""])
      #expect(outcome.code == 0, "\(outcome.error)")
      for line in ["tasks: [sort]", "seeds: [1, 2, 3]", "max_steps: 10", "# 3 runs of at most 10 steps"] {
        #expect(outcome.output.contains(line), "\(outcome.output)")
      }
    }
  }

  @Test("a file that sets nothing gives a note")
  func empty() throws {
    try withFolder { folder in
      try Data("# later\n".utf8).write(to: folder.appendingPathComponent("study.yaml"))
      let outcome = try Program.run(["study", "--config", "study.yaml", "--dry-run"], in: folder)
      #expect(outcome.code == 0 && outcome.error.contains("study.yaml sets nothing"))
    }
  }

  @Test("a dry run changes nothing, and its output is a configuration file")
  func dryRun() throws {
    try withFolder { folder in
      let arguments = ["study", "--quick", "--seeds", "1-2", "--device", "cpu"] + Program.shape
      let outcome = try Program.run(arguments + ["--dry-run"], in: folder)
      #expect(outcome.code == 0 && outcome.error.isEmpty)
      #expect(outcome.output.contains("output: results/published-quick-cpu"))
      #expect(try contents(of: folder).isEmpty)
      try Data(outcome.output.utf8).write(to: folder.appendingPathComponent("again.yaml"))
      let again = try Program.run(["study", "--config", "again.yaml", "--dry-run"], in: folder)
      #expect(again.output == outcome.output)
      let json = try Program.run(arguments + ["--dry-run", "--json"], in: folder)
      let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
      #expect(object?["max_steps"] as? Int == 1000 && object?["seeds"] as? [Int] == [1, 2])
      let wrong = try Program.run(["study", "--device", "dance", "--dry-run"], in: folder)
      #expect(wrong.code == 2)
    }
  }
}
