import Records
import Statistics
import Testing

@testable import Report

@Suite("Faithfulness, redundancy, lengths and the ladder over seeds")
struct RigorousAggregateTests {
  let draws = ReportDraws(resamples: 499, permutations: 999)

  private func runs(_ rigorous: [RunRecord.Rigorous], task: String = "sort") -> [RigorousRun] {
    rigorous.enumerated().compactMap { RigorousRun(Synthetic.run(task, seed: $0, rigorous: $1)) }
  }

  @Test("the trend of rho with length is each seed's rank correlation out of distribution")
  func lengthTrend() throws {
    func result(_ n: Int, _ inside: Bool, _ rho: Double?) -> RunRecord.LengthResult {
      RunRecord.LengthResult(
        length: n, inDistribution: inside, accuracy: 0.5, rho: rho, rhoLogProbability: rho.map { -$0 })
    }
    let seeds = (0..<6).map { seed in
      Synthetic.rigorous(
        lengths: [result(7, true, 0.9)]
          + (8...12).map { result($0, false, $0 == 12 ? nil : 0.1 * Double($0) + 0.01 * Double(seed)) })
    }
    let found = LengthTrend(runs(seeds), draws)
    #expect(close(found.exactMatch.trend.mean, 1) && found.exactMatch.trend.count == 6)
    #expect(close(found.logProbability.trend.mean, -1))
    #expect(close(found.exactMatch.test.pValue, 2 / 64))
  }

  @Test("curves and areas are means over seeds, and CPR is compared with the same seed's random ranking")
  func faithfulness() throws {
    func curve(_ ranking: String, _ values: [Double]?, _ cpr: Double?, _ cmd: Double?)
      -> RunRecord.FaithfulnessRecord
    {
      .init(
        method: "mean", effect: "log_probability", ranking: ranking, values: values, cpr: cpr, cmd: cmd,
        reason: values == nil ? "no better than nothing" : nil)
    }
    let found = FaithfulnessSummary.all(
      runs([
        Synthetic.rigorous(faithfulness: [
          curve("fisher", [0, 0.4, 1], 0.45, 0.55), curve("random", [0, 0.2, 1], 0.35, 0.65),
        ]),
        Synthetic.rigorous(faithfulness: [
          curve("fisher", [0, 0.8, 1], 0.65, 0.35), curve("random", [0, 0.1, 1], 0.3, 0.7),
        ]),
        Synthetic.rigorous(faithfulness: [
          curve("fisher", nil, nil, nil), curve("random", [0, 0.9, 1], 0.7, 0.3),
        ]),
      ]), draws)
    #expect(found.map(\.ranking) == ["fisher", "random"])
    #expect(zip(found[0].curve, [0, 0.6, 1]).allSatisfy { close($0, $1) } && found[0].curve.count == 3)
    #expect(close(found[0].cpr.mean, 0.55) && close(found[0].cmd.mean, 0.45) && found[0].cpr.count == 2)
    #expect(close(found[0].cprAboveRandom?.mean, (0.1 + 0.35) / 2))
    #expect(found[0].missing == [.init(seed: 2, reason: "no better than nothing")])
    #expect(close(found[1].cpr.mean, 0.45) && found[1].cprAboveRandom == nil)
  }

  @Test(
    "the ratio is of two means over seeds with at least two components; other seeds are not used")
  func joint() throws {
    let values: [(Double, Double)] = [
      (0.9, 0.3), (1.4, 0.5), (0.7, 0.2), (1.1, 0.45), (1.6, 0.5), (0.8, 0.35), (1.3, 0.4),
    ]
    let sets = values.map { [Synthetic.joint(joint: $0.0, sum: $0.1, inDistribution: $0.0 / 2)] }
    let row = try #require(
      RedundancySummary(
        runs(
          (sets + [[Synthetic.joint(count: 1, joint: 9, sum: 9)], []]).map { Synthetic.rigorous(sets: $0) }),
        draws
      ).sets.first)
    #expect(row.seeds == 7 && row.singletons == 1)
    // scipy: the roots of Student's test of the mean of x − θy.
    #expect(abs((row.ratio ?? 0) - 2.888888888888889) <= 1e-12)
    #expect(abs((row.ratioInterval?.lower ?? 0) - 2.5149995828172655) <= 1e-11)
    #expect(abs((row.ratioInterval?.upper ?? 0) - 3.2959951778500782) <= 1e-11)
    #expect(close(row.joint.mean, 7.8 / 7) && close(row.inDistribution.mean, 3.9 / 7))
  }

  @Test("the strongest pair is the planted one, and Shapley values are means for each component")
  func pairs() throws {
    var random = Synthetic(3)
    let count = Synthetic.names.count
    let rigorous = (0..<6).map { _ in
      var pairs = (0..<count).map { _ in random.normals(count).map { 0.1 * $0 } }
      pairs[2][5] = -1 + 0.1 * random.normal()
      return Synthetic.rigorous(
        pairs: pairs,
        shapley: [
          .init(effect: "exact_match", values: random.normals(count), standardErrors: nil, full: 1)
        ])
    }
    let found = RedundancySummary(runs(rigorous), draws)
    #expect(found.pairs.count == 10)
    let first = try #require(found.pairs.first)
    #expect(first.first == Synthetic.names[2] && first.second == Synthetic.names[5])
    let planted = rigorous.map { $0.redundancy.pairInteractions[2][5] }
    #expect(close(first.interaction.mean, planted.reduce(0, +) / 6))
    #expect((first.interaction.interval?.upper ?? 1) < 0)
    #expect(found.shapley.map(\.component) == Synthetic.names)
    let values = rigorous.map { $0.redundancy.shapley[0].values[3] }
    #expect(close(found.shapley[3].value.mean, values.reduce(0, +) / 6))
  }

  @Test("lengths are listed in distribution first, then ascending, each over the seeds that have it")
  func lengths() throws {
    func length(_ n: Int, _ inside: Bool, _ accuracy: Double, _ rho: Double?) -> RunRecord.LengthResult {
      .init(
        length: n, inDistribution: inside, accuracy: accuracy, rho: rho, rhoLogProbability: rho.map { $0 / 2 }
      )
    }
    let found = LengthRow.all(
      runs([
        Synthetic.rigorous(lengths: [length(9, false, 0.4, 0.2), length(7, true, 0.95, 0.6)]),
        Synthetic.rigorous(lengths: [
          length(8, false, 0.8, 0.5), length(7, true, 0.91, 0.8), length(9, false, 0.2, nil),
        ]),
      ]), draws)
    #expect(found.map(\.length) == [7, 8, 9] && found.map(\.inDistribution) == [true, false, false])
    #expect(close(found[0].accuracy.mean, 0.93) && close(found[0].rho.mean, 0.7))
    #expect(close(found[0].rhoLogProbability.mean, 0.35))
    #expect(close(found[2].accuracy.mean, 0.3) && found[2].rho.count == 1 && found[2].accuracy.count == 2)
  }

  @Test("a planted fall of rho with complexity is found, whatever the order of the tasks")
  func ladder() throws {
    var random = Synthetic(8)
    let tasks = ["sort_unique", "copy", "sort", "reverse"].map { task in
      let rung = Double(TaskLadder.names.firstIndex(of: task) ?? 0)
      return (
        task: task,
        runs: runs(
          (0..<7).map { _ in
            Synthetic.rigorous(correlations: [
              Synthetic.correlation(rho: 0.9 - 0.15 * rung + 0.02 * random.normal())
            ])
          }, task: task)
      )
    }
    let ladder = TaskLadder(tasks + [(task: "unknown", runs: tasks[0].runs)], draws)
    #expect(ladder.rows.map(\.task) == ["copy", "reverse", "sort", "sort_unique"])
    #expect(ladder.rows.map(\.rung) == [0, 1, 3, 5])
    #expect(ladder.trend.count == 7 && close(ladder.trend.mean, -1))
    // All seven seeds have the same sign: 2 of 128 arrangements.
    #expect(close(ladder.test.pValue, 2.0 / 128) && ladder.test.isSignificant == true)
  }
}
