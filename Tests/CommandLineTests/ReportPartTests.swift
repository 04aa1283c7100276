import Foundation
import Records
import TestSupport
import Testing

@Suite("The report of a part of a study")
struct ReportPartTests {
  @Test("holds the runs that are asked for, in a folder of its own, and refuses what it cannot do")
  func parts() throws {
    try withFolder { folder in
      #expect(
        try Program.run(
          ["study", "--tasks", "sort", "--seeds", "1-3", "--output", "study"] + Program.tiny, in: folder
        ).code == 0)
      let before = try Data(contentsOf: folder.appendingPathComponent("study/summary.json"))
      func seeds(_ flags: [String]) throws -> [Int] {
        let found = try Program.run(["report", "study", "--output", "part", "--json"] + flags, in: folder)
        #expect(found.code == 0, "\(found.error)")
        let summary = try JSONSerialization.jsonObject(with: Data(found.output.utf8)) as? [String: Any]
        return ((summary?["tasks"] as? [[String: Any]])?.first?["seeds"] as? [Int]) ?? []
      }
      #expect(try seeds(["--seeds", "2-9"]) == [2, 3])
      #expect(try seeds(["--without-seeds", "2"]) == [1, 3])
      for file in ["summary.json", "report.html", "tables/table1.csv"] {
        #expect(FileManager.default.fileExists(atPath: folder.appendingPathComponent("part/\(file)").path))
      }
      #expect(try Data(contentsOf: folder.appendingPathComponent("study/summary.json")) == before)
      for (flags, code, words) in [
        (["--seeds", "2"], 2, "--output"), (["--seeds", "x", "--output", "part"], 2, "--seeds"),
        (["--without-seeds", "1-3", "--output", "part"], 1, "none of its runs"),
        (["--seeds", "2", "--output", "study"], 1, "--output needs another"),
      ] {
        expectRefusal(try Program.run(["report", "study"] + flags, in: folder), code: Int32(code), words)
      }
    }
  }
}
