import Foundation
import Records
import TestSupport
import Testing

@testable import Report

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite("The output for rigorous records")
struct RigorousOutputTests {
  let draws = ReportDraws(resamples: 199, permutations: 199)

  private func records(_ seeds: Int = 3) -> [RunRecord] {
    var random = Synthetic(31)
    return ["sort", "reverse"].flatMap { task in
      (0..<seeds).map { seed in
        let rho = 0.4 + 0.1 * random.normal()
        return Synthetic.run(
          task, seed: seed,
          rigorous: Synthetic.rigorous(
            correlations: [
              Synthetic.correlation(rho: rho, corrected: rho + 0.1),
              Synthetic.correlation("fisher", rho: nil, reason: "constant & <useless>"),
            ],
            faithfulness: ["fisher", "random", "exact"].map {
              .init(
                method: "mean", effect: "log_probability", ranking: $0, values: [0, 0.5 + rho, 1], cpr: rho,
                cmd: 1 - rho, reason: nil)
            },
            lengths: (7...9).map {
              .init(length: $0, inDistribution: $0 == 7, accuracy: 0.5, rho: rho, rhoLogProbability: nil)
            },
            steps: [
              .init(step: "published", rho: rho, reason: nil),
              .init(step: "correct_attenuation", rho: rho + 0.9, reason: nil),
            ]))
      }
    }
  }

  @Test("without rigorous records the summary has no such key and is read as before")
  func unchanged() throws {
    let summary = try Summary([HandMade.run(seed: 42)])
    #expect(summary.rigorous == nil)
    let text = String(decoding: try RecordCoding.encode(summary), as: UTF8.self)
    #expect(!text.contains("rigorous"))
    #expect(!paperTables(summary, try PaperTables.load()).text.contains("rigorous"))
  }

  @Test("the section is read back equal, and records in any order give the same bytes")
  func roundTrip() throws {
    let records = records()
    let data = try RecordCoding.encode(try Summary(records, draws: draws))
    #expect(try RecordCoding.encode(try Summary(records.reversed(), draws: draws)) == data)
    #expect(try RecordCoding.decode(Summary.self, from: data) == Summary(records, draws: draws))
  }

  @Test("the text names the measurements, the small number of seeds, and every verdict")
  func text() throws {
    let rigorous = try #require(try Summary(records(), draws: draws).rigorous)
    let text = rigorousTables(rigorous).text
    for words in [
      "== sort: 3 seeds, 2000 samples ==", "FEW SEEDS", "Mean rho by intervention",
      "3 seeds: constant & <useless>",
      "From the published rho", "Faithfulness", "Reversal against sorting", "INCONCLUSIVE",
    ] {
      #expect(text.contains(words), "\(words)")
    }
    #expect(!text.contains("HOLDS") && !text.contains("DOES NOT HOLD"))
  }

  @Test("records with sections that are empty or of the wrong size give a report")
  func damaged() throws {
    let odd = Synthetic.run(
      seed: 1,
      rigorous: Synthetic.rigorous(
        gradients: [Synthetic.gradient([1])], causal: [Synthetic.causal([.nan])],
        correlations: [Synthetic.correlation(rho: .nan)], confidence: [.init(hero: 1, bloat: 0, neutral: 0)],
        pairs: [[1, 2]], shapley: [.init(effect: "exact_match", values: [], standardErrors: nil, full: 0)],
        features: ["short": [1]]))
    let rigorous = try #require(
      try Summary([Synthetic.run(seed: 0), odd, Synthetic.run(seed: 2)], draws: draws).rigorous)
    let rho = try #require(rigorous.tasks[0].scores.rows.first?.rho)
    #expect(rho.mean == nil && rho.reason?.contains("not a finite number") == true)
    #expect(rigorousTables(rigorous).text.contains("== sort: 3 seeds"))
    #expect(
      rhoFigure(rigorous.tasks[0]) == nil && lengthFigure(rigorous) == nil
        && pairFigure(rigorous.tasks[0], []) == nil)
  }

  @Test("CSV rows are as wide as their headers, and figures are well-formed")
  func files() throws {
    try withFolder(writeAll)
  }

  private func writeAll(to folder: URL) throws {
    let summary = try Summary(records(), draws: draws)
    let rigorous = try #require(summary.rigorous)
    try writeTables(rigorousTables(rigorous), to: folder)
    try writeFigures(studyFigures(summary, records(), PaperTables.load()), to: folder)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(
      names.filter { $0.hasSuffix(".csv") } == [
        "bloat_prediction.csv", "classes.csv", "decomposition.csv", "faithfulness.csv",
        "faithfulness_curves.csv", "ladder.csv", "lengths.csv", "reversal_by_causal_score.csv",
        "rigorous_scores.csv", "score_choice.csv", "score_contrasts.csv", "verdicts.csv",
      ])
    #expect(
      names.filter { $0.hasSuffix(".svg") }
        == [
          "alignment.svg", "decomposition-reverse.svg", "decomposition-sort.svg", "faithfulness-reverse.svg",
          "faithfulness-sort.svg", "frequency-sort.svg", "lengths.svg", "map-reverse.svg", "map-sort.svg",
          "matrix-reverse.svg",
          "matrix-sort.svg", "rank-difference-reverse.svg", "rank-difference-sort.svg", "rho-reverse.svg",
          "rho-sort.svg", "scatter-reverse.svg", "scatter-sort.svg",
        ])
    for name in names {
      let data = try Data(contentsOf: folder.appendingPathComponent(name))
      if name.hasSuffix(".svg") {
        #expect(XMLParser(data: data).parse(), "\(name)")
      } else if name.hasSuffix(".csv") {
        let rows = fields(ofCSV: String(decoding: data, as: UTF8.self))
        #expect(rows.count > 1 && Set(rows.map(\.count)).count == 1, "\(name)")
      }
    }
    let lines = try String(contentsOf: folder.appendingPathComponent("decomposition.csv"), encoding: .utf8)
      .split(separator: "\n")
    #expect(lines.count == 1 + 2 * 3)
    #expect(lines[0].hasPrefix("task,step,rho,rho_lower,rho_upper,rho_seeds,change,"))
  }

  @Test("a scale maps its ends to its pixels and has ticks at round values")
  func scale() {
    let scale = LinearScale(-1...1, from: 100, to: 300)
    #expect(scale(-1) == 100 && scale(0) == 200 && scale(1) == 300 && scale(7) == 300)
    #expect(zip(scale.ticks, [-1, -0.5, 0, 0.5, 1]).allSatisfy { close($0, $1) } && scale.ticks.count == 5)
    #expect(LinearScale(0...20, from: 0, to: 1).ticks == [0, 5, 10, 15, 20])
    #expect(LinearScale(3...3, from: 0, to: 10)(3) == 5)
    #expect(LinearScale.text(-0.0) == "0" && LinearScale.text(0.30000000000000004) == "0.3")
    #expect(Markup.escaped("a<b & \"c'>\u{1}") == "a&lt;b &amp; &quot;c&#39;&gt;")
  }
}
