import Records
import Testing

@testable import Report

@Suite("Rho across depths and positions")
struct DepthTrendTests {
  let draws = ReportDraws(resamples: 299, permutations: 999)

  private func across(_ studies: [StudyRecords]) throws -> AcrossStudies {
    try AcrossStudies(studies, draws: draws)
  }

  private func trend(_ across: AcrossStudies, _ kind: AcrossRho = .meanAblation) -> DepthTrend? {
    across.depth.first { $0.rho == kind.rawValue }
  }

  @Test("a planted fall with depth is found by each seed's rank correlation")
  func falls() throws {
    let found = try across(Synthetic.depths(tasks: ["sort", "reverse"]))
    #expect(found.depth.filter { $0.rho == "mean_ablation" }.map(\.task) == ["sort", "reverse"])
    let row = try #require(trend(found))
    #expect(row.layers == [2, 4, 12] && row.fixed.isEmpty && row.budgets.isEmpty)
    #expect(row.trend.count == 7 && close(row.trend.mean, -1))
    // All seven seeds have the same sign: 2 of 128 arrangements, two-sided.
    #expect(close(row.test.pValue, 2.0 / 128) && row.test.isSignificant == true)
    // Integrated gradients have the same rho at every depth, so no seed has a correlation.
    #expect(trend(found, .integratedGradients)?.trend.count == 0)
    #expect(trend(found, .integratedGradients)?.test.reason != nil)
  }

  @Test("a seed's trend is Spearman's correlation over its depths, and the mean has an interval")
  func seeds() throws {
    // Ranks of rho over depths 2, 4, 8: by seed a fall (−1), a rise (1), and two orders between (−1/2, 1/2).
    let orders: [[Double]] = [
      [3, 2, 1], [1, 2, 3], [2, 3, 1], [2, 1, 3], [3, 2, 1], [3, 2, 1], [2, 3, 1],
    ]
    let studies = [2, 4, 8].enumerated().map { place, layers in
      Synthetic.study("\(layers)", configuration: .init(layers: layers)) { _, seed in
        0.1 * orders[seed][place]
      }
    }
    let row = try #require(trend(try across(studies)))
    #expect(close(row.trend.mean, (-1 + 1 - 0.5 + 0.5 - 1 - 1 - 0.5) / 7))
    #expect(row.test.pValue.map { abs($0 - signFlipP([-1, 1, -0.5, 0.5, -1, -1, -0.5])) <= 1e-12 } == true)
    #expect(row.trend.interval?.contains(row.trend.mean ?? 9) == true)
    #expect(row.test.isSignificant == false)
  }

  @Test("with fewer than six seeds nothing is claimed, and two depths have no trend")
  func few() throws {
    let five = try #require(trend(try across(Synthetic.depths(seeds: 0..<5))))
    #expect(close(five.trend.mean, -1) && five.test.isSignificant == nil)
    #expect(five.test.reason == "5 seeds; a claim needs 6")
    let two = try across(Array(Synthetic.depths().prefix(2)))
    #expect(
      two.depth.isEmpty && acrossTables(two).text.contains("at least 3 studies that differ only in depth"))
    #expect(depthFigure(two) != nil)
    // Seeds that ran at only two of three depths do not count.
    var studies = Synthetic.depths()
    studies[0].records.removeFirst(2)
    #expect(trend(try across(studies))?.trend.count == 5)
  }

  @Test("a different budget is reported and does not split a curve; any other setting does")
  func curves() throws {
    var studies = Synthetic.depths()
    for place in studies[0].records.indices {
      studies[0].records[place].configuration.accuracySamples = 500
      studies[0].records[place].configuration.maxSteps = 5000
    }
    let spent = try across(studies)
    #expect(trend(spent)?.budgets == ["accuracy_samples", "max_steps"])
    #expect(trend(spent)?.layers == [2, 4, 12] && trend(spent)?.trend.count == 7)

    let rotary = Synthetic.depths { $0.positions = "rotary" }
      .map { StudyRecords(folder: $0.folder + "-rotary", records: $0.records) }
    let both = try across(Synthetic.depths() + rotary)
    #expect(both.settings == ["layers", "positions"])
    #expect(
      both.depth.filter { $0.rho == "corrected" }.map(\.name)
        == ["sort, positions none", "sort, positions rotary"])
    #expect(depthFigure(both)?.svg().contains("sorting, positions rotary") == true)
    #expect(positionsFigure(both)?.svg().contains("sorting, layers 12") == true)

    // Width changes together with depth, so no two studies differ only in depth.
    var wide = Synthetic.depths()
    for study in wide.indices {
      for place in wide[study].records.indices {
        wide[study].records[place].configuration.dModel += 32 * study
      }
    }
    let apart = try across(wide)
    #expect(apart.depth.isEmpty && depthFigure(apart) == nil)
    #expect(acrossTables(apart).text.contains("at least 3 studies that differ only in depth are needed"))
  }
}
