import Records
import TestSupport
import Testing

@testable import Report

@Suite("Runs that the tables leave out")
struct LeftOutTests {
  private let failure = RunFailure(task: "copy", seed: 9, reason: "not a finite number at step 2")

  @Test("are failed ones and those outside the window or without a rho, each with its reason")
  func reasons() throws {
    let runs = [
      HandMade.run(seed: 1), HandMade.run(seed: 2, rho: nil),
      HandMade.run(seed: 3, inWindow: false, accuracy: 0.95),
    ]
    let summary = try Summary(runs, failures: [failure])
    let paper = try PaperTables.load()
    let table = try #require(studyTables(summary, paper).first { $0.name == "left_out" })
    #expect(
      table.csv == """
        task,seed,status,reason
        copy,9,failed,not a finite number at step 2
        sort,2,excluded,it has no rho: every causal score is 0
        sort,3,excluded,its accuracy of 0.95 is outside the paper's window: it is not in the tables beside the paper

        """)
    #expect(try !studyTables(Summary([runs[0]]), paper).text.contains("without a record"))
  }

  @Test("the brief report names the first failures")
  func brief() throws {
    let failures = (1...5).map { RunFailure(task: "copy", seed: $0, reason: "it diverged") }
    let summary = try Summary([HandMade.run(seed: 1)], failures: failures)
    let text = try StudyReport(summary, runs: []).brief.split(whereSeparator: \.isWhitespace)
      .joined(separator: " ")
    #expect(
      text.contains(
        "FAILED: 5 runs ended without a record (copy, seed 1: it diverged; copy, seed 2: it diverged; "
          + "copy, seed 3: it diverged; and 2 more)"), "\(text)")
  }

  @Test("of a comparison name their study")
  func across() throws {
    let across = try AcrossStudies(
      Synthetic.depths(tasks: ["sort"]), draws: ReportDraws(resamples: 49, permutations: 49))
    var failure = failure
    failure.study = "layers-4"
    let report = AcrossReport(across, failures: [failure])
    let table = try #require(report.tables.first { $0.name == "left_out" })
    #expect(table.csv.hasSuffix("\nlayers-4,copy,9,failed,not a finite number at step 2\n"))
    #expect(try report.page.html().contains("not a finite number at step 2"))
  }
}
