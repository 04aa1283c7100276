import Testing

@testable import Statistics

@Suite("Quantiles, areas and proportions")
struct QuantileTests {
  @Test("quantiles are numpy's")
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

  @Test("Wilson's intervals are scipy's")
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
      #expect(agree(studentQuantile(0.975, degrees: degrees), expected, within: 1e-11))
    }
    #expect(agree(studentQuantile(0.005, degrees: 5), -4.032142983555229, within: 1e-11))
  }

  @Test("areas under straight lines are numpy's")
  func trapezoids() throws {
    for fixture in try InferenceFixtures.load().trapezoids {
      #expect(agree(try #require(try trapezoidArea(x: fixture.x, y: fixture.y)), fixture.area, within: 1e-13))
      let reversed = try trapezoidArea(x: fixture.x.reversed(), y: fixture.y.reversed())
      #expect(agree(try #require(reversed), -fixture.area, within: 1e-13))
    }
    #expect(try trapezoidArea(x: [1], y: [1]) == nil)
    #expect(throws: StatisticsError.unequalCounts(1, 2)) { try trapezoidArea(x: [1], y: [1, 2]) }
    #expect(throws: StatisticsError.notANumber(index: 1)) { try trapezoidArea(x: [1, 2], y: [1, .nan]) }
  }

  @Test("an interval is cut at what its quantity cannot leave")
  func clamping() {
    let interval = Interval(lower: -3, upper: 0.5, level: 0.95)
    #expect(interval.clamped(to: -1...1) == Interval(lower: -1, upper: 0.5, level: 0.95))
    #expect(interval.contains(0.5) && interval.contains(-3) && !interval.contains(0.6))
    #expect(!interval.contains(.nan))
  }
}
