import Records
import Testing

@testable import Report

@Suite("The tables of the paper's third version")
struct Version3SummaryTests {
  private func run(_ seed: Int, joint: [RunRecord.JointAblation]?) -> RunRecord {
    let deltas = [("L0_H0", 0, 5.0), ("L0_MLP", 0, -6.0), ("L1_H0", 1, 8.0), ("L1_H1", 1, -3.0)]
    var run = HandMade.run(
      seed: seed,
      components: deltas.map { name, layer, delta in
        .init(
          name: name, layer: layer, head: name.contains("H") ? 0 : nil,
          gradient: ["frobenius": 0.1 * Double(seed)],
          causal: ["mean": 0], gradientRank: 1, causalRank: 1, delta: delta, componentClass: .neutral,
          measures: ["mean": .init(causalRank: 1, delta: delta, componentClass: .neutral)])
      }, measures: ["mean": .init(rho: 0, heroes: [], bloats: [])])
    run.joint = joint
    return run
  }

  @Test("count classes at three thresholds, and average joint ablations over the seeds that have them")
  func counts() throws {
    let row = { (joint: Double, sum: Double) in
      RunRecord.JointAblation(
        measure: "mean", set: "all_bloats", components: ["L1_H0"], joint: joint, sumOfSingles: sum)
    }
    let runs = [run(1, joint: [row(0.4, 0.1)]), run(2, joint: [row(0.2, 0.2)]), run(3, joint: [])]
    let summary = try Summary(runs)
    let found = try #require(summary.tasks.first?.version3)
    let layers = found.layers.filter { $0.measure == "mean" }
    #expect(layers.map(\.layer) == [0, 1])
    #expect(layers.map(\.heroes) == [[3, 3, 0], [0, 0, 0]])
    #expect(layers.map(\.bloats) == [[3, 0, 0], [3, 3, 3]])
    #expect(abs((layers[0].headGradient ?? 0) - 0.2) < 1e-12)
    #expect(found.joint.count == 1 && found.joint[0].seeds == 2)
    #expect(abs((found.joint[0].ratio ?? 0) - 2) < 1e-12)
    let text = paperTables(summary, try PaperTables.load()).text
    #expect(
      text.contains("all_bloats") && text.contains("The paper, version 3: all bloats together cost 0.438"))
  }

  @Test("are left out where no record has joint ablations")
  func absent() throws {
    let summary = try Summary([run(1, joint: nil)])
    #expect(summary.tasks.first?.version3 == nil)
    #expect(!paperTables(summary, try PaperTables.load()).text.contains("all_bloats"))
  }
}
