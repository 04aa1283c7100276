import Foundation
import Records
import TestSupport
import Testing

@Suite("The page while a study runs")
struct LivePageTests {
  /// Whether the page reloads itself.
  private func isLive(_ page: URL) throws -> Bool {
    try String(contentsOf: page, encoding: .utf8).contains("http-equiv=\"refresh\"")
  }

  @Test("it appears with the first run and reloads itself; one of a stopped or finished study does not")
  func live() throws {
    try withFolder { folder in
      let arguments =
        ["study", "--tasks", "sort", "--seeds", "1-4", "--device", "cpu", "--ensemble", "1"]
        + ["--max-steps", "300", "--output", "study"] + Program.shape
      let page = StudyFolder(folder.appendingPathComponent("study")).report
      let study = try Program(arguments, in: folder)
      try study.waitFor("sort, seed 2: step")
      for _ in 0..<600 where !FileManager.default.fileExists(atPath: page.path) { usleep(5_000) }
      #expect(try isLive(page))
      study.send(SIGINT)
      #expect(try study.wait().code == 130)
      #expect(try !isLive(page))

      #expect(try Program.run(arguments, in: folder).code == 0)
      #expect(try !isLive(page))
      #expect(try String(contentsOf: page, encoding: .utf8).contains("sorting (4 seeds)"))
    }
  }
}
