import Foundation
import Statistics
import Testing

/// A pair of vectors with the results of scipy and numpy, written by `Fixtures/make_fixtures.py`.
struct PairedVectors: Decodable {
  var x: [Double]
  var y: [Double]
  var xRanks: [Double]
  var yRanks: [Double]
  var spearman: Double
  var pearson: Double
  var mean: Double
  var deviation: Double
  var sampleDeviation: Double

  static func fixtures() throws -> [PairedVectors] {
    let folder = try #require(Bundle.module.resourceURL)
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let data = try Data(contentsOf: folder.appendingPathComponent("Fixtures/statistics.json"))
    return try decoder.decode([PairedVectors].self, from: data)
  }
}

@Suite("Statistics")
struct StatisticsTests {
  @Test("ranks with ties equal scipy's in 200 vectors")
  func ranks() throws {
    let fixtures = try PairedVectors.fixtures()
    #expect(fixtures.count == 100)
    for fixture in fixtures {
      #expect(try averageRanks(fixture.x) == fixture.xRanks)
      #expect(try averageRanks(fixture.y) == fixture.yRanks)
    }
  }

  @Test("Spearman's and Pearson's correlations equal scipy's within 1e-12")
  func correlations() throws {
    for fixture in try PairedVectors.fixtures() {
      let rho = try #require(try spearman(fixture.x, fixture.y))
      #expect(abs(rho - fixture.spearman) <= 1e-12)
      let r = try #require(try pearson(fixture.x, fixture.y))
      #expect(abs(r - fixture.pearson) <= 1e-12)
    }
  }

  @Test("means and deviations of both kinds equal numpy's within 1e-12")
  func moments() throws {
    for fixture in try PairedVectors.fixtures() {
      #expect(abs(try #require(mean(fixture.x)) - fixture.mean) <= 1e-12)
      #expect(abs(try #require(standardDeviation(fixture.x, ddof: 0)) - fixture.deviation) <= 1e-12)
      #expect(abs(try #require(standardDeviation(fixture.x, ddof: 1)) - fixture.sampleDeviation) <= 1e-12)
    }
  }

  @Test("a constant vector has no correlation, even if rounding changes its mean")
  func constant() throws {
    let constant = Array(repeating: 0.1, count: 7)
    let other = (0..<7).map(Double.init)
    #expect(try spearman(constant, other) == nil)
    #expect(try spearman(other, constant) == nil)
    #expect(try pearson(constant, other) == nil)
    #expect(try pearson(constant, constant) == nil)
  }

  @Test("very large, very small and subnormal values keep their correlation")
  func extremeScales() throws {
    let base = [1.0, 2, 4, 3, -5]
    for scale in [1e308 / 5, 1e-300, 0x1p-1074, 1] {
      let r = try #require(try pearson(base.map { $0 * scale }, base))
      #expect(abs(r - 1) <= 1e-12)
      #expect(try pearson(base.map { -$0 * scale }, base).map { abs($0 + 1) <= 1e-12 } == true)
    }
    #expect(try averageRanks([.infinity, 0, -.infinity, -0.0]) == [4, 2.5, 1, 2.5])
  }

  @Test("values that cannot be ranked or paired give a typed error")
  func errors() {
    #expect(throws: StatisticsError.notANumber(index: 1)) { try averageRanks([1, .nan, 2]) }
    #expect(throws: StatisticsError.notANumber(index: 2)) { try spearman([1, 2, 3], [3, 2, .nan]) }
    #expect(throws: StatisticsError.notANumber(index: 0)) { try pearson([.infinity, 2], [3, 2]) }
    #expect(throws: StatisticsError.unequalCounts(2, 3)) { try spearman([1, 2], [1, 2, 3]) }
    #expect(throws: StatisticsError.tooFew(needed: 2, found: 1)) { try spearman([1], [1]) }
    #expect(throws: StatisticsError.tooFew(needed: 2, found: 0)) { try pearson([], []) }
  }

  @Test("too few values have no mean or deviation, and a NaN is not hidden")
  func noMoments() {
    #expect(mean([]) == nil)
    #expect(standardDeviation([], ddof: 0) == nil)
    #expect(standardDeviation([3], ddof: 1) == nil)
    #expect(standardDeviation([3], ddof: 0) == 0)
    #expect(standardDeviation([3], ddof: -1) == nil)
    #expect(mean([1, .nan])?.isNaN == true)
  }

  @Test("a line through points on a line is found, and explains half of data that are half noise")
  func line() throws {
    let x = [1.0, 2, 4, 7]
    let exact = try LinearFit(x, x.map { 3 - 0.5 * $0 })
    #expect(abs(exact.slope + 0.5) < 1e-12 && abs(exact.intercept - 3) < 1e-12 && abs(exact.r2 - 1) < 1e-12)
    // y = x at ±1, noise of equal variance at right angles to it.
    let half = try LinearFit([-1, -1, 1, 1], [-2, 0, 0, 2])
    #expect(abs(half.slope - 1) < 1e-12 && abs(half.intercept) < 1e-12 && abs(half.r2 - 0.5) < 1e-12)
    let level = try LinearFit([2, 2], [1, 5])
    #expect(level.slope == 0 && level.intercept == 3)
    #expect(throws: StatisticsError.tooFew(needed: 1, found: 0)) { try LinearFit([], []) }
    #expect(throws: StatisticsError.notANumber(index: 1)) { try LinearFit([1, 2], [1, .nan]) }
    #expect(throws: StatisticsError.unequalCounts(1, 2)) { try LinearFit([1], [1, 2]) }
  }

  @Test("the standard error of a mean is the deviation divided by the root of the count")
  func standardErrors() {
    #expect(standardErrorOfMean([1, 3]) == 1)
    #expect(standardErrorOfMean([2]) == nil)
  }
}
