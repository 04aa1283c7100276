import Concurrency
import Records
import Statistics

/// The faithfulness of one ranking over the seeds of a task.
package struct FaithfulnessSummary: Codable, Sendable, Equatable {
  package var method: String
  package var effect: String
  /// A gradient score, `exact` or `random`.
  package var ranking: String
  /// For k = 0…K kept components: the mean faithfulness over the seeds that have a curve.
  package var curve: [Double]
  package var cpr: SeedMean
  package var cmd: SeedMean
  /// The same at the sizes of the benchmark MIB.
  package var mibCPR: SeedMean
  package var mibCMD: SeedMean
  /// CPR minus the CPR of the random ranking in the same seed; `nil` for the random ranking itself.
  @Nullable package var cprAboveRandom: SeedMean?
  package var missing: [MissingSeed]

  static func all(_ runs: [RigorousRun], _ draws: ReportDraws) -> [FaithfulnessSummary] {
    concurrentMap(
      firstSeen(
        runs.flatMap(\.rigorous.faithfulness)
          .map { Key(method: $0.method, effect: $0.effect, ranking: $0.ranking) })
    ) { FaithfulnessSummary($0, runs, draws) }
  }

  private init(_ key: Key, _ runs: [RigorousRun], _ draws: ReportDraws) {
    method = key.method
    effect = key.effect
    ranking = key.ranking
    let curves = runs.compactMap { key.find($0)?.values }
    curve = (curves.first ?? []).indices.map { k in
      // All seeds of a study have the same number of components.
      mean(curves.compactMap { $0.at(k) }) ?? 0
    }
    func values(_ key: Key, _ area: KeyPath<RunRecord.FaithfulnessRecord, Double?>) -> SeedValues {
      SeedValues(runs) { run in (key.find(run)?[keyPath: area], key.find(run)?.reason) }
    }
    let cprs = values(key, \.cpr)
    cpr = cprs.mean(draws)
    cmd = values(key, \.cmd).mean(draws)
    let areas = curves.compactMap { BenchmarkAreas(curve: $0) }
    (mibCPR, mibCMD) = (SeedMean(areas.map(\.cpr), draws), SeedMean(areas.map(\.cmd), draws))
    missing = cprs.missing
    if ranking != RecordNames.Ranking.random {
      let random = values(Key(method: method, effect: effect, ranking: RecordNames.Ranking.random), \.cpr)
      cprAboveRandom = SeedMean(cprs.differences(random), draws)
    }
  }

  private struct Key: Hashable {
    var method, effect, ranking: String

    func find(_ run: RigorousRun) -> RunRecord.FaithfulnessRecord? {
      run.rigorous.faithfulness.first { $0.method == method && $0.effect == effect && $0.ranking == ranking }
    }
  }

  private enum CodingKeys: String, CodingKey {
    case method, effect, ranking, curve, cpr, cmd
    case mibCPR = "mib_cpr"
    case mibCMD = "mib_cmd"
    case cprAboveRandom = "cpr_above_random"
    case missing
  }
}
