import Foundation
import Records
import Testing

@testable import Report

@Suite("The comparison with the paper's tables")
struct PaperComparisonTests {
  private func text(_ runs: [RunRecord]) throws -> String {
    paperTables(try Summary(runs), try PaperTables.load()).text
  }

  /// The line that starts with these words, with repeated blanks removed.
  private func row(_ text: String, _ start: String) -> String? {
    text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
      .first { $0.hasPrefix(start) }
  }

  @Test("the embedded numbers are the paper's")
  func embedded() throws {
    let paper = try PaperTables.load()
    #expect(paper.seeds.count == 10)
    #expect(paper.alignment["sorting"]?.rhoMean == 0.318)
    #expect(paper.bySeed(task: "reverse").count == 10 && paper.bySeed(task: "copy").isEmpty)
    #expect(paper.order["sorting"]?.first == "L3_H3")
  }

  @Test("our numbers and the paper's are in one row")
  func sideBySide() throws {
    let text = try text([
      HandMade.run(
        seed: 42, rho: 0.25, heroes: ["L3_H3"], accuracy: 0.61,
        table6: .init(bloats: ["L0_H0", "L0_H1"], idBase: 0.91, idPruned: 0.8))
    ])
    #expect(
      row(text, "sort 1 0.250") == "sort 1 0.250 0.318 ± 0.241 0.25 to 0.25 -0.11 to 0.73 1 33 0 36")
    #expect(row(text, "42 9 9") == "42 9 9 0.61 0.72 0.250 0.438 1 2 0 5")
    #expect(row(text, "42 2 4") == "42 2 4 0.91 0.90 0.80 0.96")
    #expect(row(text, "L3_H3 1") == "L3_H3 1 L3_H3 7 – L1_H0 6")
    #expect(row(text, "sort ours") == "sort ours – – – – – –")
    #expect(row(text, "sort paper") == "sort paper 456 0.650 0.330 0.685 L2_H1 L2_H2 L0_H1 L1_H0")
    for table in ["Table 1.", "Table 2.", "Table 3.", "Table 4.", "Table 6."] {
      #expect(text.contains(table))
    }
    #expect(text.contains("Protocol: published"))
  }

  @Test("a quick study and a small number of seeds are pointed out")
  func warnings() throws {
    let quick = try text([HandMade.run(seed: 42, quick: true)])
    #expect(quick.contains("QUICK: at most 300 steps, not the paper's settings"))
    #expect(quick.contains("FEW SEEDS: 1 counted, the paper has 10"))
    let full = try text((1...10).map { HandMade.run(seed: $0) })
    #expect(!full.contains("QUICK") && !full.contains("FEW SEEDS"))
  }

  @Test("a seed outside the window is marked and shows no rho; one without a rho shows the reason")
  func marks() throws {
    let text = try text([
      HandMade.run(seed: 42, inWindow: false, length: 8, accuracy: 0.95), HandMade.run(seed: 123, rho: nil),
    ])
    #expect(row(text, "42 8!") == "42 8! 9 0.95 0.72 – 0.438 – 2 – 5")
    #expect(text.contains("1 outside the accuracy window, excluded (42)"))
    #expect(text.contains("1 without a rho"))
    #expect(text.contains("seed 123: no rho: every causal score is 0"))
  }

  @Test("a study without runs, and a task that the paper does not have, give tables")
  func edges() throws {
    #expect(try text([]).contains("No run has finished yet."))
    let copy = try text([HandMade.run("copy", seed: 42)])
    #expect(row(copy, "copy 1") == "copy 1 0.500 – 0.50 to 0.50 – 0 – 0 –")
    #expect(!copy.contains("Table 6."))
  }
}
