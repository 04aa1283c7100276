import Records
import Testing

@testable import Report

@Suite("The paper's numbers as figures and beside ours")
struct PaperFigureTests {
  private func labels(_ figure: Figure) -> [String] {
    figure.panels.flatMap(\.marks).compactMap {
      switch $0 {
      case .point(_, _, let label, _), .bar(_, _, _, _, _, let label, _): label
      default: nil
      }
    }
  }

  @Test("how often components are heroes and bloats, with the paper's components even where ours has none")
  func frequency() throws {
    let runs = (0..<4).map {
      HandMade.run(seed: $0, heroes: $0 < 3 ? ["L3_H3", "L9_H9"] : [], bloats: ["L1_H0"])
    }
    let paper = try PaperTables.load()
    let figure = try #require(frequencyFigure(try Summary(runs).tasks[0], paper))
    #expect(figure.panels.map(\.title) == ["heroes", "bloats"])
    let found = labels(figure)
    for label in [
      "L3_H3: 3 of 4", "the paper, L3_H3: 7 of 10", "L9_H9: 3 of 4", "L2_H1: 0 of 4",
      "the paper, L2_H1: 3 of 10", "L1_H0: 4 of 4", "the paper, L1_H0: 6 of 10",
    ] { #expect(found.contains(label), "\(label): \(found)") }
    #expect(!found.contains("the paper, L9_H9: 0 of 10"))
    let reversal = try Summary([HandMade.run("reverse", seed: 1, heroes: ["L0_H0"])]).tasks[0]
    #expect(try labels(#require(frequencyFigure(reversal, paper))) == ["L0_H0: 1 of 1"])
    let one = try #require(frequencyFigure(reversal, paper))
    #expect(one.legend.map(\.name) == ["ours, heroes"] && one.panels.map(\.x.range) == [-0.5...5.5])
    #expect(try frequencyFigure(Summary([HandMade.run(seed: 1)]).tasks[0], paper)?.panels.count == 2)
    #expect(try frequencyFigure(Summary([HandMade.run("copy", seed: 1)]).tasks[0], paper) == nil)
  }

  @Test("the accuracy of models without their bloats is drawn where it was measured")
  func bloatPruning() throws {
    let paper = try PaperTables.load()
    let measured = HandMade.run(
      seed: 7, table6: .init(bloats: ["L0_H0", "L0_H1"], idBase: 0.91, idPruned: 0.8))
    let none = HandMade.run(seed: 8, table6: .init(bloats: [], idBase: 0.9, idPruned: nil))
    let figure = try #require(bloatPruningFigure(try Summary([measured, none]), paper))
    #expect(figure.panels.map(\.title) == ["ours (1 seed)", "the paper (9 seeds)"])
    #expect(labels(figure).contains("seed 7: 0.91, without 2 bloats 0.80"))
    #expect(labels(figure).contains("seed 789: 0.91, without 3 bloats 0.52"))
    #expect(try bloatPruningFigure(Summary([none]), paper) == nil)
  }

  @Test("the numbers of all versions stand beside ours, with their standard deviations")
  func versions() throws {
    let runs = [
      HandMade.run(seed: 1, rho: 0.2, pruning: HandMade.pruning(baseline: 0.7, heroes: 0.2, bloats: 0.6)),
      HandMade.run(seed: 2, rho: 0.4, pruning: HandMade.pruning(baseline: 0.7, heroes: 0.4, bloats: 0.6)),
    ]
    let rows = try laterVersionsTable(Summary(runs), PaperTables.load()).text.split(separator: "\n")
      .map { $0.split(separator: "  ").map { $0.trimmingCharacters(in: .whitespaces) } }
    func row(_ name: String) -> [String] { Array((rows.first { $0.first == name } ?? []).dropFirst()) }
    #expect(row("mean rho, reversal") == ["–", "0.73 ± 0.12", "0.59", "0.72 ± 0.08"])
    #expect(row("mean rho, sorting") == ["0.30 ± 0.10", "0.32 ± 0.24", "0.07", "0.27 ± 0.24"])
    #expect(row("lowest rho, sorting") == ["0.20", "-0.11", "-0.34", "-0.18"])
    #expect(
      row("accuracy lost without heroes, sorting") == ["0.40 ± 0.14", "0.32", "0.64", "0.36 ± 0.23"])
  }
}
