import Foundation
import Records
import TestSupport
import Testing

@Suite("decompose")
struct DecomposeTests {
  @Test("prints every step of rigorous records, and refuses other studies in one line")
  func steps() throws {
    try withFolder { folder in
      #expect(try Program.run(Program.oneRun + ["--output", "study"], in: folder).code == 0)
      expectRefusal(try Program.run(["decompose", "study"], in: folder), code: 1, "rigorous protocol")
      expectRefusal(try Program.run(["decompose", "nowhere"], in: folder), code: 1, "nowhere")
      let study = StudyFolder(folder.appendingPathComponent("study"))
      var record = try #require(try study.readRecord(task: "sort", seed: 1))
      let figure = study.figures.appendingPathComponent("decomposition-sort.svg")
      #expect(!FileManager.default.fileExists(atPath: figure.path))
      record.rigorous = .init(
        samples: 2000, gradients: [], causal: [], correlations: [], classConfidence: [], faithfulness: [],
        redundancy: .init(sets: [], pairInteractions: [], pairInteractionsExactMatch: [], shapley: []),
        lengths: [], features: [:],
        decomposition: [
          .init(step: "published", rho: 0.25, reason: nil),
          .init(step: "pair_samples", rho: 0.5, reason: nil),
        ])
      try record.write(to: study.record(task: "sort", seed: 1))
      let text = try Program.run(["decompose", "study"], in: folder)
      #expect(text.code == 0 && text.error.isEmpty)
      #expect(text.output.contains("pair_samples") && text.output.contains("0.500"))
      #expect(text.output.contains("no claim of significance"))
      let json = try Program.run(["decompose", "study", "--json"], in: folder)
      #expect(json.code == 0 && json.output.contains("\"step\" : \"pair_samples\""))
      expectRefusal(
        try Program.run(["plan-size", "study"], in: folder), code: 1, "no two rigorous records of a task")
      for (words, code, text) in [
        (["interactions", "study"], 2, "has no mean ablation on log-probability"),
        (["interactions", "study", "--samples", "5"], 2, "--samples must be from 20"),
        (["interactions", "study", "--players", "13"], 2, "--players must be from 2 to 12"),
      ] { expectRefusal(try Program.run(words, in: folder), code: Int32(code), text) }
      let report = try Program.run(["report", "study"], in: folder)
      #expect(report.code == 0 && report.output.contains("The paper's claims"))
      #expect(FileManager.default.fileExists(atPath: figure.path))
    }
  }
}
