import Foundation
import Records
import Testing

@testable import Report

@Suite("The summary")
struct SummaryTests {
  @Test(
    "the pruned seed is the most misaligned one with two heroes and two bloats; ties: the earlier seed")
  func prunedSeed() throws {
    func run(_ seed: Int, _ heroes: Int, _ bloats: Int) -> RunRecord {
      HandMade.run(
        seed: seed, heroes: (0..<heroes).map { "L0_H\($0)" }, bloats: (0..<bloats).map { "L1_H\($0)" },
        pruning: HandMade.pruning(baseline: 0.7, heroes: 0.3, bloats: 0.6))
    }
    func chosen(_ runs: [RunRecord]) throws -> Int? { try Summary(runs).tasks.first?.pruning?.seed }
    #expect(try chosen([run(42, 2, 2), run(123, 3, 3), run(456, 3, 3)]) == 123)
    #expect(try chosen([run(42, 2, 2), run(123, 9, 1)]) == 42)
    #expect(try chosen([run(42, 1, 1), run(123, 9, 1)]) == 123)
    #expect(try chosen([HandMade.run(seed: 42)]) == nil)
  }

  @Test("the mean losses in Table 2 are over the seeds that have them, with deviations by n − 1")
  func pruningDrops() throws {
    let summary = try Summary([
      HandMade.run(seed: 42, pruning: HandMade.pruning(baseline: 0.7, heroes: 0.3, bloats: nil)),
      HandMade.run(seed: 123, pruning: HandMade.pruning(baseline: 0.5, heroes: 0.3, bloats: 0.6)),
      HandMade.run(seed: 456),
    ])
    let pruning = try #require(summary.tasks.first?.pruning)
    #expect(pruning.heroes.count == 2 && close(pruning.heroes.mean, 0.3))
    #expect(close(pruning.heroes.std, 0.02.squareRoot()))
    #expect(pruning.bloats.count == 1 && close(pruning.bloats.mean, -0.1) && pruning.bloats.std == nil)
  }

  @Test("frequencies count seeds, the most frequent first, ties by name")
  func frequency() throws {
    let summary = try Summary([
      HandMade.run(seed: 42, heroes: ["L3_H3", "L1_H0"]),
      HandMade.run(seed: 123, heroes: ["L3_H3", "L0_H0"]),
      HandMade.run(seed: 456, heroes: ["L3_H3"]),
    ])
    #expect(
      summary.tasks.first?.heroFrequency == [
        .init(name: "L3_H3", count: 3), .init(name: "L0_H0", count: 1), .init(name: "L1_H0", count: 1),
      ])
  }

  @Test("Table 6 reproduces the paper's mean and deviation; a seed without bloats is in neither")
  func bloatPruning() throws {
    let paper = try PaperTables.load()
    var runs = paper.bloatPruning.map { row in
      HandMade.run(
        seed: row.seed, inWindow: row.seed != 42,
        table6: .init(bloats: ["L0_H0"], idBase: row.idBase, idPruned: row.idPruned))
    }
    runs.append(HandMade.run(seed: 3030, table6: .init(bloats: [], idBase: 0.9, idPruned: nil)))
    let table = try #require(try Summary(runs).tasks.first?.bloatPruning)
    #expect(table.rows.count == 10 && table.count == 9)
    #expect(abs((table.dropMean ?? .nan) - paper.meanDrop.mean) <= 0.000_5)
    #expect(abs((table.dropStd ?? .nan) - paper.meanDrop.std) <= 0.000_5)
  }

  @Test("Figure 2 orders components by mean delta, the most undervalued first, ties by name")
  func order() throws {
    let summary = try Summary([
      HandMade.run(
        seed: 42,
        components: [
          HandMade.component("L0_H1", delta: 1), HandMade.component("L0_H0", delta: 1),
          HandMade.component("L3_H3", delta: -8),
        ]),
      HandMade.run(
        seed: 123,
        components: [
          HandMade.component("L0_H0", delta: 2), HandMade.component("L0_H1", delta: 2),
          HandMade.component("L3_H3", delta: -3),
        ]),
    ])
    let order = try #require(summary.tasks.first?.order)
    #expect(order.map(\.name) == ["L3_H3", "L0_H0", "L0_H1"])
    #expect(order.map(\.mean) == [-5.5, 1.5, 1.5])
  }

  @Test("runs of two protocols, of two configurations or of the same seed are refused")
  func mixed() throws {
    var other = HandMade.run(seed: 123)
    other.protocolName = "paper"
    #expect(throws: SummaryError.mixed("protocol", first: "sort/seed-42", second: "sort/seed-123")) {
      try Summary([HandMade.run(seed: 42), other])
    }
    #expect(throws: SummaryError.mixed("configuration", first: "sort/seed-42", second: "sort/seed-123")) {
      try Summary([HandMade.run(seed: 42), HandMade.run(seed: 123, quick: true)])
    }
    #expect(throws: SummaryError.duplicate(task: "sort", seed: 42)) {
      try Summary([HandMade.run(seed: 42), HandMade.run(seed: 42)])
    }
  }

  @Test("summary.json is read back equal, whatever the order of the records")
  func json() throws {
    let runs = [
      HandMade.run("reverse", seed: 42), HandMade.run("sort", seed: 123),
      HandMade.run("sort", seed: 42, rho: nil),
    ]
    let data = try RecordCoding.encode(Summary(runs))
    #expect(try RecordCoding.encode(Summary(runs.reversed())) == data)
    #expect(try RecordCoding.decode(Summary.self, from: data) == Summary(runs))
    let text = String(decoding: data, as: UTF8.self)
    #expect(text.contains("\"protocol\" : \"published\"") && text.contains("\"bloat_pruning\" : null"))
  }

  @Test("sorting comes before reversal, and other tasks by name after them")
  func taskOrder() throws {
    let names = ["zebra", "reverse", "copy", "sort"]
    let summary = try Summary(names.map { HandMade.run($0, seed: 42) })
    #expect(summary.tasks.map(\.task) == ["sort", "reverse", "copy", "zebra"])
  }
}
