import Foundation
import Testing

@testable import Statistics

@Suite("Quantiles, areas and proportions")
struct QuantileTests {
  @Test("quantiles equal numpy's")
  func quantiles() throws {
    for fixture in try InferenceFixtures.load().quantiles {
      let found = try #require(try quantile(fixture.values, fixture.probability))
      #expect(agree(found, fixture.quantile, within: 1e-12))
    }
    #expect(try quantile([], 0.5) == nil)
    #expect(try quantile([1, .infinity, .infinity], 0.75) == .infinity)
    #expect(throws: StatisticsError.notANumber(index: 0)) { try quantile([.nan], 0.5) }
    #expect(throws: StatisticsError.outOfRange("a probability", 1.1)) { try quantile([1], 1.1) }
    #expect(
      [0, 0.2, 0.21, 0.5, 1].map { steppedQuantile(ofSorted: [1, 2, 3, 4, 5], $0) } == [1, 1, 2, 3, 5])
  }

  @Test("Wilson's intervals equal scipy's")
  func wilson() throws {
    for fixture in try InferenceFixtures.load().wilson {
      let interval = try #require(
        try wilsonInterval(successes: fixture.successes, trials: fixture.trials, level: fixture.level))
      #expect(agree(interval.lower, fixture.lower, within: 1e-12))
      #expect(agree(interval.upper, fixture.upper, within: 1e-12))
    }
    #expect(try wilsonInterval(successes: 0, trials: 0) == nil)
    #expect(throws: StatisticsError.outOfRange("a number of successes of 3", 4)) {
      try wilsonInterval(successes: 4, trials: 3)
    }
    #expect(throws: StatisticsError.outOfRange("a number of trials", -1)) {
      try wilsonInterval(successes: 0, trials: -1)
    }
    // scipy's norm.ppf and t.ppf.
    #expect(agree(normalQuantile(0.975), 1.959963984540054, within: 1e-14))
    #expect(agree(normalQuantile(1e-9), -5.9978070150076865, within: 1e-12))
    let student = [
      1: 12.706204736174694, 2: 4.302652729749462, 9: 2.262157162798205, 30: 2.0422724563012378,
    ]
    for (degrees, expected) in student {
      #expect(agree(studentReach(level: 0.95, degrees: degrees), expected, within: 1e-11))
    }
    #expect(agree(studentReach(level: 0.99, degrees: 5), 4.032142983555229, within: 1e-11))
  }

  @Test(
    "extreme quantiles, also beyond a million, agree with 40-digit arithmetic",
    arguments: [
      (1, 0.999_999_8, 3183098.8617462699), (1, 0.999_999_999_8, 3183098598.4671478),
      (2, 0.999_999_8, 2236.0676420574293), (2, 0.999_999_999_8, 70710.675182734461),
      (3, 0.999_999_999_8, 2225.7692232960747), (5, 0.999_999_8, 39.341819616672701),
      (9, 0.999_999_999_8, 30.737330664946846), (100, 0.999_999_999_8, 7.0833754641836894),
    ])
  func farOut(degrees: Int, level: Double, expected: Double) throws {
    #expect(agree(studentReach(level: level, degrees: degrees), expected, within: 1e-12 * expected))
  }

  @Test("Student's quantile grows with the level without a limit")
  func noCeiling() throws {
    let levels = [0.9, 0.999, 0.999_997, 0.999_998, 0.999_998_1, 0.999_999_5, 1 - 1e-12, 1 - 1e-15]
    for degrees in [1, 2, 7, 1000] {
      let reaches = levels.map { studentReach(level: $0, degrees: degrees) }
      #expect(zip(reaches, reaches.dropFirst()).allSatisfy { $0 < $1 }, "\(degrees): \(reaches)")
    }
    // One degree of freedom is the Cauchy distribution: t = 1 / tan(π · tail).
    for level in [0.999_999_5, 1 - 1e-12, 1 - 1e-15] {
      let expected = 1 / tan(Double.pi * (1 - level) / 2)
      #expect(agree(studentReach(level: level, degrees: 1), expected, within: 1e-12 * expected))
    }
    // The mean of 0 and 2 is 1, its standard error 1.
    let interval = try #require(try studentMean([0, 2], level: 0.999_999_5).value).interval
    #expect(interval.upper > 1.2e6 && interval.lower < -1.2e6)
  }

  @Test("the area under straight lines is exact for lines, and equals numpy's for curves")
  func trapezoids() throws {
    #expect(try trapezoidArea([0.25, 0.5, 0.75]) == 0.5)
    #expect(try trapezoidArea([1, 0]) == 0.5)
    // numpy.trapezoid(y, dx=0.25)
    #expect(agree(try #require(try trapezoidArea([0, 3, -1, 2.5, 7])), 2, within: 1e-15))
    #expect(try trapezoidArea([1]) == nil)
    #expect(throws: StatisticsError.notANumber(index: 1)) { try trapezoidArea([1, .nan]) }
  }

  @Test("an interval is clamped to the bounds of its quantity")
  func clamping() {
    let interval = Interval(lower: -3, upper: 0.5, level: 0.95)
    #expect(interval.clamped(to: -1...1) == Interval(lower: -1, upper: 0.5, level: 0.95))
    #expect(interval.contains(0.5) && interval.contains(-3) && !interval.contains(0.6))
    #expect(!interval.contains(.nan))
  }
}
