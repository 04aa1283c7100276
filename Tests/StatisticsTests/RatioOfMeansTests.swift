import RandomStreams
import Statistics
import Testing

@Suite("The ratio of means")
struct RatioOfMeansTests {
  let x = [0.9, 1.4, 0.7, 1.1, 1.6, 0.8, 1.3]
  let y = [0.3, 0.5, 0.2, 0.45, 0.5, 0.35, 0.4]

  /// The ends are the roots that scipy's brentq finds of |t(x − θy)| = the t quantile.
  @Test(
    "Fieller's interval ends where Student's test begins to reject",
    arguments: [
      (0.95, 2.5149995828172655, 3.2959951778500782), (0.8, 2.6702285827234613, 3.1185059893452913),
    ])
  func literals(level: Double, lower: Double, upper: Double) throws {
    let found = try #require(try ratioOfMeans(x, y, level: level).value)
    #expect(agree(found.ratio, 2.888888888888889, within: 1e-12))
    #expect(agree(found.interval.lower, lower, within: 1e-11))
    #expect(agree(found.interval.upper, upper, within: 1e-11))
    #expect(found.count == 7 && found.interval.level == level)
  }

  @Test("the interval of ten correlated pairs has a coverage within 2 % of its level")
  func covers() throws {
    let truth = 2.0 / 0.8
    let covered = try coverage(trials: 2000, truth: truth) { trial in
      var simulation = Simulation(trial)
      let common = simulation.normals(10)
      let top = common.map { 2 + 0.5 * $0 + 0.6 * simulation.normal() }
      let bottom = common.map { 0.8 + 0.2 * $0 + 0.2 * simulation.normal() }
      return try ratioOfMeans(top, bottom).value.map { ($0.interval.lower, $0.interval.upper) }
    }
    #expect(agree(covered, 0.95, within: 0.02))
  }

  @Test("a denominator that may be 0, equal ratios, and too few pairs give no interval")
  func reasons() throws {
    #expect(try ratioOfMeans([1, 2, 3], [1, -1, 0.5]).reason == .unbounded)
    #expect(try ratioOfMeans([1, 2, 3], [0, 0, 0]).reason == .unbounded)
    #expect(try ratioOfMeans([3, 3.3, 3.6], [1, 1.1, 1.2]).reason == .constant)
    #expect(try ratioOfMeans([1], [1]).reason == .tooFew(needed: 2, found: 1))
    #expect(throws: StatisticsError.unequalCounts(2, 1)) { try ratioOfMeans([1, 2], [1]) }
    #expect(throws: StatisticsError.notANumber(index: 1)) { try ratioOfMeans([1, .nan], [1, 2]) }
    #expect(throws: StatisticsError.outOfRange("a confidence level", 1)) {
      try ratioOfMeans(x, y, level: 1)
    }
  }
}
