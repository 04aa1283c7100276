import RandomStreams
import Statistics
import Testing

@Suite("Rank stability over seeds")
struct RankStabilityTests {
  @Test("concordance, mean ranks and their deviations are scipy's, ties included")
  func oracle() throws {
    var stream = CounterStream(seed: 9, purpose: .bootstrap)
    for fixture in try InferenceFixtures.load().concordances {
      let result = try #require(try rankConcordance(fixture.scores).value)
      #expect(agree(result.kendallW, fixture.w, within: 1e-12))
      #expect(agree(result.meanSpearman, fixture.meanSpearman, within: 1e-12))
      #expect(result.seeds == fixture.scores.count && result.components == fixture.means.count)
      let components = try componentRanks(fixture.scores, resamples: 499, using: &stream)
      #expect(components.count == fixture.means.count)
      for (number, component) in components.enumerated() {
        #expect(agree(component.mean, fixture.means[number], within: 1e-12))
        #expect(agree(try #require(component.deviation), fixture.deviations[number], within: 1e-12))
        if let interval = component.interval.value {
          #expect(interval.contains(component.mean))
          #expect(interval.lower >= 1 && interval.upper <= Double(components.count))
        }
      }
    }
  }

  @Test("equal rankings agree wholly, and what cannot be compared has a reason")
  func edges() throws {
    let scores = [[0.1, 0.2, 0.9], [1, 5, 6], [-3, -2, 0]]
    let result = try #require(try rankConcordance(scores).value)
    #expect(agree(result.kendallW, 1, within: 1e-12) && agree(result.meanSpearman, 1, within: 1e-12))
    var stream = CounterStream(seed: 10, purpose: .bootstrap)
    let components = try componentRanks(scores, using: &stream)
    #expect(components.map(\.mean) == [1, 2, 3])
    #expect(components.allSatisfy { $0.interval.reason == .constant })
    #expect(try rankConcordance([[1, 2]]).reason == .tooFew(needed: 2, found: 1))
    #expect(try rankConcordance([[1], [2]]).reason == .tooFew(needed: 2, found: 1))
    #expect(try rankConcordance([[1, 2], [3, 3]]).reason == .undefinedCorrelation)
    #expect(try componentRanks([], using: &stream).isEmpty)
    #expect(try componentRanks([[2, 1]], using: &stream).map(\.deviation) == [nil, nil])
    #expect(throws: StatisticsError.unequalCounts(1, 2)) { try rankConcordance([[1, 2], [1]]) }
  }
}
