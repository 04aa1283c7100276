import Foundation
import Records
import TestSupport
import Testing

@Suite("The provenance on a report's page")
struct ProvenanceTests {
  @Test("its command asks for the same runs with the same options")
  func command() throws {
    try withFolder { folder in
      let arguments =
        [
          "study", "--tasks", "sort,reverse", "--seeds", "3,5", "--learning-rate", "0.002", "--warmup-steps",
          "5",
        ]
        + ["--schedule", "cosine", "--positions", "rotary", "--protocol", "published"] + Program.tiny
      #expect(try Program.run(arguments + ["--output", "study"], in: folder).code == 0)
      let page = try String(
        contentsOf: StudyFolder(folder.appendingPathComponent("study")).report, encoding: .utf8)
      let found = try #require(page.firstMatch(of: />(causalgap study [^<]*)</)?.output.1)
      let words = found.split(separator: " ").dropFirst().map(String.init)
      func options(_ arguments: [String]) throws -> String {
        let outcome = try Program.run(arguments + ["--output", "study", "--dry-run", "--json"], in: folder)
        #expect(outcome.code == 0, "\(outcome.error)")
        return outcome.output
      }
      #expect(try options(words) == options(arguments))
    }
  }
}
