import Testing

@testable import Statistics

@Suite("The number of seeds needed") struct SeedsNeededTests {
  /// The smallest n whose power by scipy 1.16's noncentral t distribution is at least 0.8: 34 and 172 (standard deviation 1).
  @Test("is the exact theory's, or at most two more", arguments: [(0.5, 0.05, 34), (0.3, 0.05 / 21, 172)])
  func theory(effect: Double, level: Double, expected: Int) throws {
    for scale in [1, 0.01, 300] {
      let found = try #require(try seedsNeeded(deviation: scale, effect: -effect * scale, level: level))
      #expect((expected...expected + 2).contains(found), "\(found)")
    }
  }

  @Test("is never below what a claim needs, and missing where it is too large")
  func ends() throws {
    #expect(try seedsNeeded(deviation: 0, effect: 0.1) == 6)
    #expect(try seedsNeeded(deviation: 1, effect: 1e-6) == nil)
    #expect(throws: StatisticsError.self) { try seedsNeeded(deviation: 1, effect: 0) }
    #expect(throws: StatisticsError.self) { try seedsNeeded(deviation: 1, effect: 1, power: 1) }
    #expect(throws: StatisticsError.self) { try seedsNeeded(deviation: .nan, effect: 1) }
  }
}
