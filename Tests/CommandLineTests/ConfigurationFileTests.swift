import Foundation
import Records
import TestSupport
import Testing

@Suite("A study's YAML file")
struct ConfigurationFileTests {
  @Test(
    "a file that can't be used is named, with what is wrong in it",
    arguments: [
      ("layrs: 2\n", "layrs"), ("layers: two\n", "layers"), ("seeds: 42\n", "seeds"),
      ("tasks: [dance]\n", "dance"),
      ("seeds: [1, 1]\n", "twice"), ("tasks: [sort, sort]\n", "twice"), ("- layers\n", "KEY: VALUE"),
      ("layers\n", "KEY: VALUE"), ("layers: [1\n", "study.yaml"), ("layers: 1\nlayers: 2\n", "layers"),
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

  @Test("a file that is not there is named")
  func missing() throws {
    try withFolder { folder in
      expectRefusal(try Program.run(["study", "--config", "none.yaml"], in: folder), code: 2, "none.yaml")
    }
  }

  @Test("its values are taken, and flags go before them")
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
}
