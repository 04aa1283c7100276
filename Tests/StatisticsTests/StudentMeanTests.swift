import Statistics
import Testing

@Suite("Student's interval of a few seeds")
struct StudentMeanTests {
  @Test("is the mean with t times its standard error")
  func closedForm() throws {
    // Mean 2, standard error 1/√3; at 2 degrees of freedom t = (2p − 1)·√(2 / (1 − (2p − 1)²)), 2p − 1 = 0.95.
    let result = try #require(try studentMean([1, 2, 3]).value)
    let reach = 0.95 * (2 / (1 - 0.95 * 0.95)).squareRoot() / 3.0.squareRoot()
    #expect(agree(result.mean, 2, within: 1e-15))
    #expect(agree(result.standardError, 1 / 3.0.squareRoot(), within: 1e-15))
    #expect(agree(result.interval.lower, 2 - reach, within: 1e-12))
    #expect(agree(result.interval.upper, 2 + reach, within: 1e-12))
    #expect(result.count == 3)
    #expect(try studentMean([1, 2, 3], bounds: 0...3).value?.interval.upper == 3)
  }

  @Test("covers the mean of normal values within 2 % of its level", arguments: [2, 3, 4, 5])
  func normal(count: Int) throws {
    let covered = try coverage(trials: 4000, truth: 0) { trial in
      var simulation = Simulation(trial)
      let result = try studentMean(simulation.normals(count))
      return result.value.map { ($0.interval.lower, $0.interval.upper) }
    }
    #expect(agree(covered, 0.95, within: 0.02))
  }

  @Test(
    "covers the mean of three to five simulated rhos as often as the documentation says",
    arguments: Simulation.Seeds.allCases, [3, 4, 5])
  func rhos(kind: Simulation.Seeds, count: Int) throws {
    let truth = try #require(StudentisedBootstrapTests.means[kind])
    let said: [Simulation.Seeds: Double] = [.reversal: 0.88, .sorting: 0.94, .clusters: 0.815]
    let covered = try coverage(trials: 4000, truth: truth) { trial in
      var simulation = Simulation(trial)
      let values = (0..<count).map { _ in simulation.rho(kind) }
      let result = try studentMean(values, bounds: -1...1)
      return result.value.map { ($0.interval.lower, $0.interval.upper) }
    }
    #expect(try agree(covered, #require(said[kind]), within: 0.04))
  }

  @Test("has a reason instead of a value without spread or with too few values")
  func reasons() throws {
    #expect(try studentMean([]).reason == .tooFew(needed: 2, found: 0))
    #expect(try studentMean([0.4]).reason == .tooFew(needed: 2, found: 1))
    #expect(try studentMean([0.1, 0.1, 0.1]).reason == .constant)
    #expect(throws: StatisticsError.notANumber(index: 1)) { try studentMean([1, .nan]) }
    #expect(throws: StatisticsError.outOfRange("a confidence level", 1)) {
      try studentMean([1, 2], level: 1)
    }
  }
}
