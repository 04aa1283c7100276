import RandomStreams
import Statistics
import Testing

@Suite("The studentised bootstrap over seeds")
struct StudentisedBootstrapTests {
  /// The means of the simulated rhos, computed by numerical integration in another language.
  static let means: [Simulation.Seeds: Double] = [
    .reversal: 0.6571544654217252, .sorting: 0.3011214920819942, .clusters: 0.5828841364610015,
  ]

  @Test(
    "the interval of the mean of ten simulated rhos has a coverage within 4 % of its level",
    arguments: Simulation.Seeds.allCases)
  func meanCoverage(kind: Simulation.Seeds) throws {
    let truth = try #require(Self.means[kind])
    let covered = try coverage(trials: 1000, truth: truth) { trial in
      var simulation = Simulation(trial)
      let values = (0..<10).map { _ in simulation.rho(kind) }
      let result = try studentisedMean(values, resamples: 999, bounds: -1...1, using: &simulation.stream)
      return result.value.map { ($0.interval.lower, $0.interval.upper) }
    }
    #expect(agree(covered, 0.95, within: 0.04))
  }

  @Test("the interval of ten paired differences of rhos has a coverage within 4 % of its level")
  func pairedCoverage() throws {
    let truth = try #require(Self.means[.reversal]) - #require(Self.means[.sorting])
    let covered = try coverage(trials: 1000, truth: truth) { trial in
      var simulation = Simulation(trial)
      let x = (0..<10).map { _ in simulation.rho(.reversal) }
      let y = (0..<10).map { _ in simulation.rho(.sorting) }
      let result = try studentisedMean(
        zip(x, y).map { $0 - $1 }, resamples: 999, bounds: -2...2, using: &simulation.stream)
      return result.value.map { ($0.interval.lower, $0.interval.upper) }
    }
    #expect(agree(covered, 0.95, within: 0.04))
  }

  @Test("the interval of many normal values is Student's")
  func student() throws {
    var simulation = Simulation(11)
    let values = simulation.normals(200)
    let result = try #require(try studentisedMean(values, using: &simulation.stream).value)
    let error = try #require(standardDeviation(values, ddof: 1)) / 200.0.squareRoot()
    let average = try #require(mean(values))
    #expect(result.count == 200)
    #expect(agree(result.mean, average, within: 1e-12))
    #expect(agree(result.standardError, error, within: 1e-12))
    // The quantile of Student's t with 199 degrees of freedom is 1.972.
    #expect(agree(result.interval.lower, average - 1.972 * error, within: 0.1 * error))
    #expect(agree(result.interval.upper, average + 1.972 * error, within: 0.1 * error))
  }

  @Test("no spread, too few values and unbounded intervals give reasons; bounds limit an interval")
  func reasons() throws {
    var stream = CounterStream(seed: 6, purpose: .bootstrap)
    #expect(try studentisedMean([], using: &stream).reason == .tooFew(needed: 2, found: 0))
    #expect(try studentisedMean([0.4], using: &stream).reason == .tooFew(needed: 2, found: 1))
    #expect(
      try studentisedMean(Array(repeating: 0.1, count: 7), using: &stream).reason == .constant)
    #expect(try studentisedMean([0.25, 0.5], using: &stream).reason == .unbounded)
    // With three values, one resample in nine has no spread, so both ends are the bounds.
    let bounded = try studentisedMean([0.1, 0.4, 0.5], bounds: -1...1, using: &stream)
    #expect(bounded.value?.interval == Interval(lower: -1, upper: 1, level: 0.95))
    // If nine of ten values are equal, a third of the resamples has only these values, all on one side of the
    // mean.
    let lopsided = try #require(
      try studentisedMean(
        Array(repeating: 0.1, count: 9) + [0.9], bounds: -1...1, using: &stream
      ).value)
    #expect(lopsided.interval.upper == 1)
    #expect(lopsided.interval.lower > -1 && lopsided.interval.lower <= lopsided.mean)
    #expect(throws: StatisticsError.notANumber(index: 1)) { try studentisedMean([1, .nan], using: &stream) }
  }
}
