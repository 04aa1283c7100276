import Statistics
import Testing

@Suite("The Kolmogorov–Smirnov test")
struct KolmogorovSmirnovTests {
  @Test("statistics and p-values equal scipy's exact ones")
  func oracle() throws {
    for fixture in try InferenceFixtures.load().kolmogorov {
      let result = try #require(try kolmogorovSmirnovTest(uniform: fixture.values).value)
      #expect(agree(result.statistic, fixture.statistic, within: 1e-14))
      #expect(agree(result.pValue, fixture.p, within: 1e-10 * fixture.p))
    }
  }

  @Test("values outside the unit interval are errors, and no values give no test")
  func errors() throws {
    #expect(throws: StatisticsError.outOfRange("a uniform value", 1.5)) {
      try kolmogorovSmirnovTest(uniform: [0.5, 1.5])
    }
    #expect(throws: StatisticsError.self) { try kolmogorovSmirnovTest(uniform: [.nan]) }
    #expect(try kolmogorovSmirnovTest(uniform: []).reason == .tooFew(needed: 1, found: 0))
    #expect(try #require(try kolmogorovSmirnovTest(uniform: [0, 0, 0]).value).pValue < 1e-6)
  }
}
