import Records

/// How rho changes with the number of layers in one task, with all other settings equal except the budget.
package struct DepthTrend: Codable, Sendable, Equatable {
  package var task: String
  /// The values of the other keys in which the studies differ; see `AcrossStudies.settings`.
  package var fixed: [String: Setting]
  /// The name of a case of `AcrossRho`.
  package var rho: String
  /// Ascending.
  package var layers: [Int]
  /// Keys of the budget that differ between the depths.
  package var budgets: [String]
  /// For each seed with at least three depths, Spearman's correlation of layers and rho. It is negative if
  /// rho falls with depth.
  package var trend: SeedMean
  /// The two-sided sign-flip test of these correlations.
  package var test: TestSummary

  /// A name such as `sort, positions rotary`.
  var name: String { AcrossCurve.name(task, fixed) }

  /// - Parameters:
  ///   - values: for each row, one rho per seed.
  ///   - keys: the keys in which the studies differ.
  /// - Returns: one per curve and rho; empty for a curve with fewer than three depths.
  static func all(
    _ rows: [AcrossStudies.Row], _ values: [[AcrossRho: SeedValues]], _ keys: [String], _ draws: ReportDraws
  ) -> [DepthTrend] {
    AcrossCurve.all(rows, along: "layers", keys).flatMap { curve -> [DepthTrend] in
      let depths: [(layers: Int, row: Int)] = curve.points.compactMap { value, row in
        value.whole.map { ($0, row) }
      }
      let layers = firstSeen(depths.map(\.layers))
      guard layers.count >= WithinSeedTrend.fewestPlaces else { return [] }
      return AcrossRho.allCases.compactMap { kind -> DepthTrend? in
        let points = depths.flatMap { layers, row in
          (values[row][kind]?.values ?? []).map { (seed: $0.seed, place: Double(layers), rho: $0.value) }
        }
        guard !points.isEmpty else { return nil }
        let found = WithinSeedTrend(points, draws)
        return DepthTrend(
          task: curve.task, fixed: curve.fixed, rho: kind.rawValue,
          layers: layers, budgets: curve.budgets, trend: found.trend,
          test: found.test)
      }
    }
  }
}
