import Foundation
import Records
import Testing

@testable import Report

@Suite("A comparison of studies")
struct AcrossStudiesTests {
  let draws = ReportDraws(resamples: 299, permutations: 999)

  private func across(_ studies: [StudyRecords]) throws -> AcrossStudies {
    try AcrossStudies(studies, draws: draws)
  }

  private func flat(_ folder: String, _ configuration: RunRecord.Configuration, tasks: [String] = ["sort"])
    -> StudyRecords
  {
    Synthetic.study(folder, tasks: tasks, configuration: configuration) { _, seed in 0.1 * Double(seed) }
  }

  @Test("the keys that differ are found, also keys that some records lack; the model's shape comes first")
  func settings() throws {
    struct Later: Encodable { var layers = 2, batch = 8, reduced = true, note: String? = "a" }
    struct Earlier: Encodable { var layers = 4, batch = 8, note: String?, rate = 1e-3 }
    let found = [
      try RecordedSettings(protocolName: "rigorous", configuration: Later()),
      try RecordedSettings(protocolName: "paper", configuration: Earlier()),
    ]
    #expect(
      RecordedSettings.differing(found) == ["protocol", "layers", "note", "rate", "reduced"])
    #expect(found[0].values["reduced"] == .flag(true) && found[1].values["reduced"] == nil)
    #expect(found[1].values["rate"]?.description == "0.001" && found[0].values["layers"]?.description == "2")
    let data = try RecordCoding.encode(found[0].values)
    #expect(try RecordCoding.decode([String: Setting].self, from: data) == found[0].values)
  }

  @Test("rows are ordered by task, then by the settings that differ, numbers by value")
  func rows() throws {
    let found = try across(Synthetic.depths(tasks: ["reverse", "sort"]))
    #expect(found.settings == ["layers"] && found.folders == ["depth-12", "depth-2", "depth-4"])
    #expect(found.rows.map(\.task) == ["sort", "sort", "sort", "reverse", "reverse", "reverse"])
    #expect(found.rows.map { $0.settings["layers"] } == [2, 4, 12, 2, 4, 12].map { Setting.number($0) })
    #expect(found.rows.prefix(3).map(\.folder) == ["depth-2", "depth-4", "depth-12"])
  }

  @Test("a row agrees with its records: shares with Wilson's interval, and means over seeds")
  func numbers() throws {
    let row = try #require(try across(Synthetic.depths(seeds: 0..<8)).rows.first)
    #expect(row.seeds == Array(0..<8) && row.converged.count == 7 && row.inWindow.count == 4)
    // scipy.stats.binomtest(7, 8).proportion_ci(method="wilson")
    #expect(abs((row.converged.interval?.lower ?? 0) - 0.529_111_817_787_146_4) <= 1e-12)
    #expect(abs((row.converged.interval?.upper ?? 0) - 0.977_582_508_549_943_3) <= 1e-12)
    #expect(close(row.steps.mean, 1350) && row.steps.count == 8 && close(row.accuracy.mean, 0.5))
    let mean = 0.7 + 0.001 * 3.5
    #expect(close(row.rho(.meanAblation)?.mean.mean, mean))
    #expect(close(row.rho(.publishedAblation)?.mean.mean, mean / 2))
    #expect(close(row.rho(.meanLogProbability)?.mean.mean, mean + 0.01))
    #expect(close(row.rho(.corrected)?.mean.mean, mean / 0.8))
    #expect(close(row.rho(.integratedGradients)?.mean.mean, 0.9))
    #expect(row.rho(.meanAblation)?.mean.interval?.contains(mean) == true)
    // The same function and the same draws as in the rest of the report.
    let values = (0..<8).map { 0.7 + 0.001 * Double($0) }
    let expected = SeedMean(values, bounds: -1...1, draws)
    #expect(
      abs((row.rho(.meanAblation)?.mean.interval?.lower ?? 9) - (expected.interval?.lower ?? 0)) <= 1e-9)
  }

  @Test("studies with equal settings are distinguished by their folders")
  func alike() throws {
    let same = RunRecord.Configuration()
    #expect(try across([flat("a", same), flat("b", same)]).settings == ["folder"])
    let three = try across([flat("b", same), flat("deep", .init(layers: 8)), flat("a", same)])
    #expect(three.settings == ["layers", "folder"])
    #expect(three.rows.map(\.folder) == ["b", "a", "deep"])
    #expect(three.rows[0].settings == ["layers": .number(4), "folder": .text("b")])
  }

  @Test("records of other protocols show the rhos they have, and the reasons for those they lack")
  func published() throws {
    let records = (0..<3).map { seed in
      HandMade.run(
        seed: seed, rho: seed == 2 ? nil : 0.2,
        measures: ["mean": .init(rho: 0.6, heroes: [], bloats: [])])
    }
    let found = try across([
      StudyRecords(folder: "old", records: records), flat("new", .init()),
    ])
    #expect(found.settings == ["protocol"])
    let row = try #require(found.rows.first)
    #expect(row.folder == "old" && close(row.rho(.publishedAblation)?.mean.mean, 0.2))
    #expect(row.rho(.publishedAblation)?.missing == [.init(seed: 2, reason: "every causal score is 0")])
    #expect(close(row.rho(.meanAblation)?.mean.mean, 0.6))
    #expect(row.rho(.corrected)?.mean.mean == nil && row.rho(.integratedGradients)?.mean.count == 0)
  }

  @Test("reversal minus sorting is paired over the seeds of each study that has both tasks")
  func reversal() throws {
    let found = try across(Synthetic.depths(tasks: ["sort", "reverse"]) + [flat("flat", .init(layers: 6))])
    #expect(found.reversalAgainstSorting.count == 3 * AcrossRho.allCases.count)
    let first = try #require(found.reversalAgainstSorting.first { $0.result.rho == "mean_ablation" })
    #expect(first.folder == "depth-2" && close(first.result.paired.mean, 0.1 + 0.01 * 3))
    // Seven positive differences: 1 of 128 arrangements, one-sided.
    #expect(close(first.result.signFlip.pValue, 1.0 / 128) && first.result.signFlip.isSignificant == true)
    #expect(first.result.paired.interval?.contains(0.13) == true)
  }

  @Test("folders that cannot be compared are refused by name")
  func refused() throws {
    let sort = flat("a", .init())
    #expect(throws: AcrossError.noSharedTask(folder: "c", tasks: ["copy", "rotate"])) {
      try across([sort, flat("b", .init(layers: 8)), flat("c", .init(), tasks: ["rotate", "copy"])])
    }
    #expect(throws: AcrossError.noRecord(folder: "empty")) {
      try across([sort, StudyRecords(folder: "empty", records: [])])
    }
    let mixed = StudyRecords(
      folder: "mixed", records: sort.records + flat("b", .init(layers: 8), tasks: ["copy"]).records)
    #expect(throws: SummaryError.self) { try across([sort, mixed]) }
  }

  @Test("the same studies in any order give the same rows, which are read back equal")
  func order() throws {
    let studies = Synthetic.depths(tasks: ["sort", "reverse"])
    let found = try across(studies)
    let turned = try across(studies.reversed())
    #expect(found.rows == turned.rows && found.depth == turned.depth)
    #expect(found.reversalAgainstSorting == turned.reversalAgainstSorting)
    let data = try RecordCoding.encode(found)
    #expect(try RecordCoding.decode(AcrossStudies.self, from: data) == found)
  }
}
