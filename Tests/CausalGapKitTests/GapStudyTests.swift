import CausalGapKit
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite("The library for other packages")
struct GapStudyTests {
  private func options(_ folder: URL, _ more: String = "") -> String {
    """
    {tasks: sort, seeds: 1-2, layers: 1, heads: 2, d_model: 16, d_ff: 32, batch_size: 8, max_steps: 30,
     device: cpu, output: '\(folder.path)/study'\(more)}
    """
  }

  @Test("trains and measures, tells of each run, leaves a report, and reads the same again")
  func run() throws {
    try withFolder { folder in
      let study = try GapStudy(options: options(folder))
      #expect(study.runCount == 2 && study.folder.lastPathComponent == "study")
      let heard = Mutex<[Int]>([])
      let runs = try study.run { run in heard.withLock { $0.append(run.seed) } }
      #expect(heard.withLock { $0 }.sorted() == [1, 2] && runs.map(\.seed) == [1, 2])
      #expect(runs[0].task == "sort" && runs[0].protocolName == "published")
      #expect(runs[0].components.map(\.name) == ["L0_H0", "L0_H1", "L0_MLP"])
      #expect(runs[0].components.map(\.head) == [0, 1, nil])
      #expect(runs[0].components.allSatisfy { ($0.gradient ?? 0) > 0 && $0.causal != nil })
      #expect(try GapRun.read(in: study.folder) == runs)
      let page = study.folder.appendingPathComponent("report.html")
      #expect(FileManager.default.fileExists(atPath: page.path))
      #expect(try study.run() == runs)
    }
  }

  @Test("refuses what the program refuses, in one line that names the option")
  func refusals() throws {
    func message(_ options: String) -> String {
      do {
        _ = try GapStudy(options: options)
        return ""
      } catch { return "\(error)" }
    }
    #expect(message("layrs: 2").contains("layers"))
    #expect(message("{heads: 3, d_model: 16}").contains("heads"))
    #expect(message("max_steps: many").contains("max_steps must be a whole number"))
    #expect(throws: (any Error).self) { try GapRun.read(in: URL(fileURLWithPath: "/nowhere")) }
  }
}
