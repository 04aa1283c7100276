import Statistics
import Testing

@Suite("Rank stability over seeds")
struct RankStabilityTests {
  @Test("concordance and mean rank correlation equal scipy's, ties included")
  func oracle() throws {
    for fixture in try InferenceFixtures.load().concordances {
      let result = try #require(try rankConcordance(fixture.scores).value)
      #expect(agree(result.kendallW, fixture.w, within: 1e-12))
      #expect(agree(result.meanSpearman, fixture.meanSpearman, within: 1e-12))
      #expect(result.seeds == fixture.scores.count && result.components == fixture.means.count)
    }
  }

  @Test("equal rankings have a concordance of 1, and rankings that cannot be compared give a reason")
  func edges() throws {
    let scores = [[0.1, 0.2, 0.9], [1, 5, 6], [-3, -2, 0]]
    let result = try #require(try rankConcordance(scores).value)
    #expect(agree(result.kendallW, 1, within: 1e-12) && agree(result.meanSpearman, 1, within: 1e-12))
    #expect(try rankConcordance([[1, 2]]).reason == .tooFew(needed: 2, found: 1))
    #expect(try rankConcordance([[1], [2]]).reason == .tooFew(needed: 2, found: 1))
    #expect(try rankConcordance([[1, 2], [3, 3]]).reason == .undefinedCorrelation)
    #expect(throws: StatisticsError.unequalCounts(1, 2)) { try rankConcordance([[1, 2], [1]]) }
  }
}
