import Foundation
import Records
import TestSupport
import Testing

@testable import Report

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite("The output of a comparison of studies")
struct AcrossOutputTests {
  let draws = ReportDraws(resamples: 199, permutations: 199)

  private func positions(_ names: [String] = ["rotary", "none", "learned"]) -> [StudyRecords] {
    names.map { name in
      Synthetic.study(name, configuration: .init(positions: name)) { _, seed in 0.3 + 0.01 * Double(seed) }
    }
  }

  private func write(_ studies: [StudyRecords], to folder: URL) throws -> [String] {
    try AcrossReport(AcrossStudies(studies, draws: draws)).write(to: StudyFolder(folder))
    let names = FileManager.default.enumerator(atPath: folder.path)?.allObjects as? [String] ?? []
    return names.filter { $0.hasSuffix(".csv") || $0.hasSuffix(".svg") }.sorted()
  }

  @Test("the text has a row for every study and task, dashes for missing values, and tests without a claim")
  func text() throws {
    let old = (0..<3).map { HandMade.run(seed: $0, rho: 0.125, quick: true) }
    let text = acrossTables(
      try AcrossStudies(
        Synthetic.depths(tasks: ["sort", "reverse"]) + [StudyRecords(folder: "old", records: old)],
        draws: draws)
    ).text
    for words in [
      "Across studies: depth-12, depth-2, depth-4, old\n",
      "QUICK (cut short, not the full settings): old\n",
      "published ablation", "mean, corrected", "integrated gradients, mean", "Reversal minus sorting",
      "Depth: mean rank correlation of layers and rho within a seed", "* fewer than six seeds",
    ] {
      #expect(text.contains(words), "\(words)")
    }
    // One row for the training and one for the published rho, which is the only rho that the record has.
    let rows = text.split(separator: "\n").filter { $0.hasPrefix("sort") && $0.contains("  published  ") }
    #expect(rows.count == 2 && rows.allSatisfy { $0.contains("  3 *  ") })
    #expect(rows.last?.hasSuffix("–") == true && rows.last?.contains("  0.12  ") == true, "\(rows)")
    // A rho that the protocol does not measure needs no reason.
    #expect(!text.contains("not measured"))
  }

  @Test("seeds without a rho are counted beside it, with the reason")
  func missing() throws {
    var studies = Synthetic.depths()
    let low = Synthetic.correlation(rho: 0.5, corrected: nil, reason: "the first score's reliability is low")
    studies[1].records[3].rigorous = Synthetic.rigorous(correlations: [low])
    let text = acrossTables(try AcrossStudies(studies, draws: draws)).text
    #expect(text.contains("(n 6)"))
    #expect(
      text.contains(
        "depth-2, sort: no rho with mean, corrected for 1 seed: the first score's reliability is low\n"))
  }

  @Test("CSV rows are as wide as their headers and agree with the records; figures are well-formed")
  func files() throws {
    try withFolder { folder in
      let names = try write(Synthetic.depths(tasks: ["sort", "reverse"]), to: folder)
      #expect(
        names == [
          "figures/depth.svg", "tables/across.csv", "tables/across_depth.csv", "tables/across_reversal.csv",
        ])
      for name in names {
        let data = try Data(contentsOf: folder.appendingPathComponent(name))
        if name.hasSuffix(".svg") {
          #expect(XMLParser(data: data).parse(), "\(name)")
        } else {
          let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
          #expect(lines.count > 1 && Set(lines.map { $0.filter { $0 == "," }.count }).count == 1, "\(name)")
        }
      }
      let lines = try String(contentsOf: folder.appendingPathComponent("tables/across.csv"), encoding: .utf8)
        .split(separator: "\n")
      #expect(lines.count == 1 + 3 * 2)
      #expect(lines[0].hasPrefix("folder,layers,task,seeds,converged,converged_lower,converged_upper,"))
      #expect(lines[0].contains(",rho_mean_log_probability,") && lines[0].contains(",rho_corrected_seeds,"))
      #expect(lines[1].hasPrefix("depth-2,2,sort,7,0.857142857142857"))
      let figure = try String(contentsOf: folder.appendingPathComponent("figures/depth.svg"), encoding: .utf8)
      // Three depths of two tasks, and the tasks in the legend; the second task has squares.
      #expect(figure.components(separatedBy: "<circle").count == 1 + 4)
      #expect(figure.components(separatedBy: "<path").count == 1 + 4)
      #expect(figure.components(separatedBy: "<polyline").count == 1 + 2)
      #expect(figure.contains(">12</text>") && figure.contains("by layers"))
    }
  }

  @Test("the figure of positions has points in a fixed order, and outdated files are removed")
  func positionsFigures() throws {
    try withFolder { folder in
      _ = try write(Synthetic.depths(tasks: ["sort", "reverse"]), to: folder)
      let names = try write(positions(), to: folder)
      #expect(names == ["figures/positions.svg", "tables/across.csv"])
      let figure = try String(
        contentsOf: folder.appendingPathComponent("figures/positions.svg"), encoding: .utf8)
      #expect(XMLParser(data: Data(figure.utf8)).parse())
      let places = ["none", "learned", "rotary"].compactMap { figure.range(of: ">\($0)</text>")?.lowerBound }
      #expect(places.count == 3 && places == places.sorted())
      #expect(!figure.contains("<polyline") && figure.components(separatedBy: "<circle").count == 1 + 4)
    }
  }

  @Test("a mean of fewer than six seeds is drawn hollow")
  func hollow() throws {
    let few = try #require(depthFigure(try AcrossStudies(Synthetic.depths(seeds: 0..<5), draws: draws)))
    let enough = try #require(depthFigure(try AcrossStudies(Synthetic.depths(), draws: draws)))
    func hollow(_ figure: Figure) -> Int {
      figure.panels[0].marks.filter {
        if case .point(_, let style, _, _) = $0 { style.isHollow } else { false }
      }.count
    }
    #expect(hollow(few) == 3 && hollow(enough) == 0)
  }
}
