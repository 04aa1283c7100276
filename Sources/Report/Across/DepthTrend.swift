import Records

/// How rho goes with the number of layers in one task, all else alike but what was spent.
package struct DepthTrend: Codable, Sendable, Equatable {
  package var task: String
  /// The values of other keys in which the studies differ; see `AcrossStudies.settings`.
  package var fixed: [String: Setting]
  /// An `AcrossRho`.
  package var rho: String
  /// Ascending.
  package var layers: [Int]
  /// Keys of the budget that differ between the depths.
  package var budgets: [String]
  /// Of each seed with three depths or more: Spearman's correlation of layers and rho. Negative where rho falls with depth.
  package var trend: SeedMean
  /// The two-sided sign-flip test of the seeds' trends.
  package var test: TestSummary

  /// `sort, positions rotary`
  var name: String { AcrossCurve.name(task, fixed) }

  /// - Parameters:
  ///   - values: by row, one rho a seed.
  ///   - keys: those in which the studies differ.
  /// - Returns: none of a curve with fewer than three depths.
  static func all(
    _ rows: [AcrossStudies.Row], _ values: [[AcrossRho: SeedValues]], _ keys: [String], _ draws: ReportDraws
  ) -> [DepthTrend] {
    AcrossCurve.all(rows, along: "layers", keys).flatMap { curve -> [DepthTrend] in
      let depths = curve.points.compactMap { value, row -> (layers: Int, row: Int)? in
        guard case .number(let number) = value, let layers = Int(exactly: number) else { return nil }
        return (layers, row)
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
