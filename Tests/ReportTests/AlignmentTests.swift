import Records
import Testing

@testable import Report

@Suite("Table 1")
struct AlignmentTests {
  @Test("means, deviations by n, extremes and totals equal those computed by hand")
  func byHand() throws {
    let summary = try Summary([
      HandMade.run(seed: 456, rho: -0.1, heroes: ["L0_H0", "L0_H1"], bloats: ["L1_H0"]),
      HandMade.run(seed: 42, rho: 0.2, heroes: ["L0_H0"]),
      HandMade.run(seed: 123, rho: 0.8, bloats: ["L1_H0", "L1_H1", "L1_H2"]),
    ])
    let task = try #require(summary.tasks.first)
    #expect(task.seeds == [42, 123, 456])
    // Mean 0.3; squares 0.16 + 0.01 + 0.25 = 0.42, over 3 is 0.14.
    #expect(close(task.alignment.rhoMean, 0.3))
    #expect(close(task.alignment.rhoStd, 0.374_165_738_677_394_1))
    #expect(task.alignment.rhoMin == -0.1 && task.alignment.rhoMax == 0.8)
    #expect(task.alignment.heroes == 3 && task.alignment.bloats == 4)
    #expect(task.alignment.count == 3 && task.alignment.undefined == 0)
  }

  @Test("the paper's own seeds give the paper's own row")
  func papersSeeds() throws {
    let paper = try PaperTables.load()
    for (task, name) in [("sort", "sorting"), ("reverse", "reversal")] {
      let rows = paper.bySeed(task: task)
      let summary = try Summary(
        rows.map { row in
          HandMade.run(
            task, seed: row.seed, rho: row.rho, heroes: (0..<row.heroes).map { "L0_H\($0)" },
            bloats: (0..<row.bloats).map { "L1_H\($0)" })
        })
      let ours = try #require(summary.tasks.first?.alignment)
      let theirs = try #require(paper.alignment[name])
      #expect(abs((ours.rhoMean ?? .nan) - theirs.rhoMean) <= 0.000_5)
      #expect(abs((ours.rhoStd ?? .nan) - theirs.rhoStd) <= 0.000_6)
      #expect(ours.heroes == theirs.heroes && ours.bloats == theirs.bloats)
    }
  }

  @Test(
    "runs outside the window are counted and kept out; a null rho counts, but is in no mean and has no heroes"
  )
  func keptOut() throws {
    let summary = try Summary([
      HandMade.run(seed: 42, rho: 0.4, heroes: ["L0_H0"]),
      HandMade.run(seed: 123, rho: 0.9, heroes: ["L0_H1"], inWindow: false),
      HandMade.run(seed: 456, rho: nil, heroes: ["L0_H2"], converged: false),
    ])
    let task = try #require(summary.tasks.first)
    #expect(task.outsideWindow == [123] && task.unconverged == [456])
    #expect(task.alignment.rhoMean == 0.4 && task.alignment.rhoStd == 0)
    #expect(task.alignment.count == 1 && task.alignment.undefined == 1)
    #expect(task.alignment.heroes == 1)
    #expect(task.bySeed.map(\.inWindow) == [true, false, true])
    #expect(task.heroFrequency.map(\.name) == ["L0_H0"])
  }

  @Test("a table without any run in the window has no numbers")
  func nothingKept() throws {
    let task = try #require(try Summary([HandMade.run(seed: 42, inWindow: false)]).tasks.first)
    #expect(task.alignment.rhoMean == nil && task.alignment.rhoStd == nil && task.alignment.count == 0)
    #expect(try Summary([]).tasks.isEmpty)
  }

  @Test("every ablation has its row, and every two ablations have their agreement")
  func measures() throws {
    func run(_ seed: Int, rho: Double, mean: Double?, causal: [(Double, Double)]) -> RunRecord {
      HandMade.run(
        seed: seed, rho: rho,
        components: causal.enumerated().map {
          HandMade.component("L0_H\($0.offset)", delta: 0, published: $0.element.0, mean: $0.element.1)
        },
        measures: ["mean": .init(rho: mean, heroes: ["L0_H0"], bloats: [])])
    }
    let summary = try Summary([
      run(42, rho: 0.1, mean: 0.7, causal: [(1, 10), (2, 20), (3, 30)]),
      run(123, rho: 0.3, mean: 0.5, causal: [(1, 30), (2, 20), (3, 10)]),
      // The score is constant under one ablation: its rho is null, and no rank correlation exists.
      run(456, rho: 0.2, mean: nil, causal: [(1, 0), (2, 0), (3, 0)]),
    ])
    let task = try #require(summary.tasks.first)
    #expect(task.measures["published"] == task.alignment)
    #expect(close(task.measures["mean"]?.rhoMean, 0.6))
    #expect(task.measures["mean"]?.undefined == 1 && task.measures["mean"]?.heroes == 2)
    let pair = try #require(task.agreements.first)
    #expect(task.agreements.count == 1 && pair.first == "mean" && pair.second == "published")
    #expect(pair.count == 2 && close(pair.rhoMean, 0) && close(pair.rhoStd, 2.0.squareRoot()))
    #expect(pair.differenceCount == 2 && close(pair.differenceMean, 0.4))
  }
}
