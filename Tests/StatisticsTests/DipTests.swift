import RandomStreams
import Statistics
import Testing

@Suite("The dip test")
struct DipTests {
  @Test("dips of 4 to 100 values, with and without ties, equal those of the diptest package")
  func oracle() throws {
    let fixtures = try InferenceFixtures.load().dips
    #expect(fixtures.count == 48)
    for fixture in fixtures {
      let found = try #require(try dip(fixture.values))
      #expect(agree(found, fixture.dip, within: 1e-12), "\(fixture.values.count) values")
      // Order and direction do not matter.
      let reflected = try #require(try dip(fixture.values.reversed().map { -$0 }))
      #expect(agree(reflected, fixture.dip, within: 1e-12))
    }
  }

  @Test("two equal clusters have the largest dip, evenly spaced values the smallest, equal values none")
  func extremes() throws {
    #expect(try dip([0, 0, 0, 1, 1, 1]) == 0.25)
    #expect(try dip((0..<8).map(Double.init)) == 1.0 / 16)
    #expect(try dip([1, 2]) == 0.25)
    #expect(try dip([3, 3, 3, 3]) == 0)
    #expect(try dip([]) == nil)
    #expect(throws: StatisticsError.notANumber(index: 1)) { try dip([1, .infinity]) }
  }

  @Test("p-values agree with the diptest package's table")
  func pValues() throws {
    var stream = CounterStream(seed: 8, purpose: .permutation)
    let null = try DipNullDistribution(count: 30, draws: 4999, using: &stream)
    for fixture in try InferenceFixtures.load().dipPValues {
      let p = try #require(fixture.p)
      let result = try null.test(fixture.values)
      #expect(agree(result.dip, fixture.dip, within: 1e-12))
      // Both tables are simulated, and one is interpolated.
      #expect(agree(result.pValue, p, within: 4 * (p * (1 - p) / 5000).squareRoot() + 0.005))
    }
    #expect(throws: StatisticsError.unequalCounts(3, 30)) { try null.test([1, 2, 3]) }
  }

  @Test("p-values of uniform values are uniform, and those of two clusters are small")
  func uniformity() throws {
    var simulation = Simulation(31)
    let null = try DipNullDistribution(count: 20, draws: 1999, using: &simulation.stream)
    let values = try (0..<400).map { _ in
      try null.test((0..<20).map { _ in simulation.uniform() }).pValue
    }
    #expect(try #require(try kolmogorovSmirnovTest(uniform: values).value).pValue > 0.01)
    let heaps = (0..<20).map { ($0 < 8 ? 0 : 1) + 0.05 * simulation.normal() }
    #expect(try #require(try dipTest(heaps, draws: 999, using: &simulation.stream).value).pValue <= 0.002)
    #expect(try dipTest([1, 2, 9], using: &simulation.stream).reason == .tooFew(needed: 4, found: 3))
    #expect(try dipTest([0, 0, 0, 0, 0, 0], using: &simulation.stream).reason == .constant)
  }
}
