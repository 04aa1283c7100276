import Foundation
import Records
import TestSupport
import Testing

@testable import Report

@Suite("Reduced records: fewer scores, no pairs, no Shapley values, no lengths")
struct ReducedRecordTests {
  let draws = ReportDraws(resamples: 199, permutations: 199)

  /// The JSON of a record of the reduced rigorous protocol: `reduced`, and empty arrays.
  private func record(_ task: String, seed: Int) throws -> RunRecord {
    var random = Synthetic(UInt64(40 + seed))
    let scores = random.normals(Synthetic.names.count).map(abs)
    let rho = 0.4 + 0.1 * random.normal()
    let full = Synthetic.run(
      task, seed: seed, classes: [.hero, .bloat] + Array(repeating: .neutral, count: 6),
      rigorous: Synthetic.rigorous(
        gradients: [Synthetic.gradient(scores, reliability: 0.9)],
        causal: [Synthetic.causal(scores.map { $0 / 10 }, reliability: 0.8)],
        correlations: [Synthetic.correlation(rho: rho, corrected: rho / 0.85)]))
    let text = String(decoding: try RecordCoding.encode(full), as: UTF8.self)
      .replacing("\"quick\" : false", with: "\"quick\" : false, \"reduced\" : true")
    return try RecordCoding.decode(RunRecord.self, from: Data(text.utf8))
  }

  private func records(_ seeds: Int) throws -> [RunRecord] {
    try ["sort", "reverse"].flatMap { task in try (0..<seeds).map { try record(task, seed: $0) } }
  }

  /// Finds a header line without content below it.
  private func emptyTables(_ text: String) -> [Substring] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.indices.filter { place in
      !lines[place].isEmpty && lines[place].allSatisfy { $0 == "-" || $0 == " " }
        && (place + 1 == lines.count || lines[place + 1].isEmpty)
    }.map { lines[$0 - 1] }
  }

  @Test("the record has empty sections and can be read", arguments: [1, 3, 7])
  func summary(seeds: Int) throws {
    let records = try records(seeds)
    let redundancy = try #require(records[0].rigorous?.redundancy)
    #expect(redundancy.sets.isEmpty && redundancy.pairInteractions.isEmpty && redundancy.shapley.isEmpty)
    let summary = try Summary(records, draws: draws)
    let rigorous = try #require(summary.rigorous)
    #expect(rigorous.tasks.map(\.seeds.count) == [seeds, seeds])
    #expect(rigorous.tasks[0].redundancy.pairs.isEmpty && rigorous.tasks[0].lengths.isEmpty)
    #expect(rigorous.tasks[0].scores.rows.count == 1 && rigorous.tasks[0].scores.rows[0].rho.count == seeds)
    let data = try RecordCoding.encode(summary)
    #expect(try RecordCoding.decode(Summary.self, from: data) == summary)
    let text = try studyTables(summary, PaperTables.load()).text
    #expect(emptyTables(text).isEmpty, "\(emptyTables(text))")
    for words in [
      "Shapley", "interactions of two components", "by length", "Faithfulness", "sum of single effects",
    ] {
      #expect(!text.contains(words), "\(words)")
    }
    // The measured values are present.
    #expect(text.contains("against mean on exact_match (signed), sort"))
    #expect(text.contains("Heroes and bloats, reverse"))
  }

  @Test("the check for empty tables finds an empty table")
  func check() {
    let empty = TableText(columns: [.init("a"), .init("b")])
    #expect(emptyTables("Title\n" + empty.render() + "\nNext\n").count == 1)
    #expect(emptyTables("Title\n" + empty.render()).count == 1)
    #expect(emptyTables(TableText(columns: [.init("a")], rows: [["1"]]).render()).isEmpty)
  }

  @Test("no CSV file has only a header, no figure is empty, and files of fuller records are removed")
  func files() throws {
    try withFolder(writeAll)
  }

  private func writeAll(to folder: URL) throws {
    try StudyFolder.create(folder)
    let stale = ["shapley.csv", "lengths.svg"].map { folder.appendingPathComponent($0) }
    for file in stale { try Data("old".utf8).write(to: file) }
    let summary = try Summary(records(3), draws: draws)
    try writeTables(summary.rigorous.map(rigorousTables) ?? [], to: folder)
    try writeFigures(studyFigures(summary, [], PaperTables.load()), to: folder)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(
      names.filter { !$0.hasSuffix(".jsonl") } == [
        "alignment.svg", "bloat_prediction.csv", "classes.csv", "frequency-sort.svg", "ladder.csv",
        "rank-difference-reverse.svg", "rank-difference-sort.svg", "reversal_by_causal_score.csv",
        "rho-reverse.svg", "rho-sort.svg", "rigorous_scores.csv", "score_choice.csv", "verdicts.csv",
      ])
    for name in names where name.hasSuffix(".csv") {
      let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
      #expect(text.split(separator: "\n").count > 1, "\(name)")
    }
  }

  @Test("a reduced study can be compared with a full one")
  func across() throws {
    let full = Synthetic.study("full", configuration: .init(layers: 8)) { _, _ in 0.5 }
    let found = try AcrossStudies(
      [StudyRecords(folder: "reduced", records: records(3)), full], draws: draws)
    let row = try #require(found.rows.first { $0.folder == "reduced" })
    #expect(row.rho(.meanAblation)?.mean.count == 3 && row.rho(.integratedGradients)?.mean.count == 0)
    #expect(emptyTables(acrossTables(found).text).isEmpty)
  }
}
