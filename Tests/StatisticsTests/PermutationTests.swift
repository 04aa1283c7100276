import RandomStreams
import Statistics
import Testing

@Suite("Permutation tests")
struct PermutationTests {
  @Test("exact sign flips give scipy's p-values, ties and zeros included")
  func signFlips() throws {
    var stream = CounterStream(seed: 1, purpose: .permutation)
    for fixture in try InferenceFixtures.load().signFlips {
      let result = try #require(
        try signFlipTest(fixture.differences, alternative: fixture.alternative, using: &stream).value)
      #expect(agree(result.test.pValue, fixture.p, within: 1e-12))
      #expect(agree(result.test.statistic, fixture.mean, within: 1e-12))
      #expect(result.test.null == .exact(arrangements: 1 << fixture.differences.count))
    }
  }

  @Test("below six seeds nothing is claimed, however clear the differences are")
  func fewSeeds() throws {
    var stream = CounterStream(seed: 2, purpose: .permutation)
    let five = try #require(try signFlipTest([1, 2, 3, 4, 5], using: &stream).value)
    #expect(five.test.pValue == 2.0 / 32)
    #expect(five.isSignificant(at: 0.2) == nil)
    let six = try #require(try signFlipTest([1, 2, 3, 4, 5, 6], using: &stream).value)
    #expect(six.test.pValue == 2.0 / 64)
    #expect(six.isSignificant() == true)
    #expect(six.isSignificant(at: 0.03) == false)
    #expect(try signFlipTest([], using: &stream).reason == .tooFew(needed: 1, found: 0))
    #expect(try signFlipTest([0, 0], using: &stream).reason == .constant)
    #expect(throws: StatisticsError.notANumber(index: 1)) { try signFlipTest([1, .nan], using: &stream) }
  }

  @Test("above sixteen seeds the p-values of sampled signs agree with those of all sign patterns")
  func sampledSigns() throws {
    var stream = CounterStream(seed: 3, purpose: .permutation)
    // Beside 70 zeros, the 12 other values, spread over two words of signs, have the p-value that they have
    // alone.
    var simulation = Simulation(4)
    let few = simulation.normals(12).map { $0 + 0.35 }
    let exact = try #require(try signFlipTest(few, using: &stream).value)
    let many = Array(few.prefix(6)) + Array(repeating: 0, count: 70) + Array(few.suffix(6))
    let sampled = try #require(try signFlipTest(many, draws: 19_999, using: &stream).value)
    #expect(sampled.test.null == .sampled(draws: 19_999))
    let p = exact.test.pValue
    #expect(p > 0.02 && p < 0.98)
    #expect(agree(sampled.test.pValue, p, within: 4 * (p * (1 - p) / 20_000).squareRoot()))
    let clear = try #require(
      try signFlipTest(Array(repeating: 1, count: 40), draws: 999, using: &stream).value)
    #expect(clear.test.pValue == 0.001)
  }

  @Test("the p-values of sampled permutations of two groups agree with those of all permutations")
  func groups() throws {
    var stream = CounterStream(seed: 4, purpose: .permutation)
    for fixture in try InferenceFixtures.load().groups {
      let result = try #require(
        try groupPermutationTest(
          fixture.x, fixture.y, alternative: fixture.alternative, draws: 9999, using: &stream
        ).value)
      #expect(agree(result.statistic, fixture.difference, within: 1e-12))
      let error = (fixture.p * (1 - fixture.p) / 10_000).squareRoot()
      #expect(agree(result.pValue, fixture.p, within: 4 * error + 1e-4))
    }
    #expect(try groupPermutationTest([], [1], using: &stream).reason == .emptyGroup)
    #expect(try groupPermutationTest([1, 1], [1], using: &stream).reason == .constant)
    #expect(throws: StatisticsError.outOfRange("a number of draws", 0)) {
      try groupPermutationTest([1], [2], draws: 0, using: &stream)
    }
  }

  @Test("the p-values of labels shuffled within seeds agree with those of all arrangements")
  func labels() throws {
    var stream = CounterStream(seed: 5, purpose: .permutation)
    let fixture = try InferenceFixtures.load().labels
    let strata = try zip(fixture.labels, fixture.positions).map {
      try LabelledStratum(labels: $0, positions: $1)
    }
    for (alternative, p) in [(Alternative.greater, fixture.pGreater), (.twoSided, fixture.pTwoSided)] {
      let result = try #require(
        try labelPermutationTest(
          strata, first: "h", second: "b", alternative: alternative, draws: 9999
        ) { stream.fill(&$0) }.value)
      #expect(agree(result.statistic, fixture.statistic, within: 1e-12))
      #expect(agree(result.pValue, p, within: 4 * (p * (1 - p) / 10_000).squareRoot()))
    }
    let opposite = try #require(
      try labelPermutationTest(
        strata, first: "b", second: "h", alternative: .less, draws: 9999
      ) { stream.fill(&$0) }.value)
    #expect(agree(opposite.statistic, -fixture.statistic, within: 1e-12))
    #expect(opposite.pValue < 0.06)
    #expect(
      try labelPermutationTest(strata, first: "h", second: "x") { stream.fill(&$0) }.reason == .emptyGroup)
    #expect(
      try labelPermutationTest(strata, first: "h", second: "h") { stream.fill(&$0) }.reason == .emptyGroup)
    // Labels that differ only between seeds cannot be separated from the seeds.
    let apart = [
      try LabelledStratum(labels: ["h", "h"], positions: [3, 2]),
      try LabelledStratum(labels: ["b", "b"], positions: [0, 1]),
    ]
    #expect(try labelPermutationTest(apart, first: "h", second: "b") { stream.fill(&$0) }.reason == .constant)
    #expect(throws: StatisticsError.unequalCounts(1, 2)) {
      try LabelledStratum(labels: [1], positions: [1, 2])
    }
  }

  @Test("under the null hypothesis p-values of paired differences are uniform")
  func uniformSignFlips() throws {
    var simulation = Simulation(21)
    let values = try (0..<600).map { _ -> Double in
      // A symmetric distribution with heavy tails.
      let differences = simulation.normals(10).map { $0 * $0 * $0 }
      let result = try signFlipTest(differences, using: &simulation.stream)
      return try #require(result.value).test.pValue
    }
    #expect(try #require(try kolmogorovSmirnovTest(uniform: values).value).pValue > 0.01)
  }

  @Test(
    "under the null hypothesis p-values of two groups are uniform",
    arguments: [Alternative.greater, .twoSided])
  func uniformGroups(alternative: Alternative) throws {
    var simulation = Simulation(22)
    let values = try (0..<500).map { _ -> Double in
      let x = (0..<10).map { _ in simulation.rho(.reversal) }
      let y = (0..<7).map { _ in simulation.rho(.reversal) }
      let result = try groupPermutationTest(
        x, y, alternative: alternative, draws: 499, using: &simulation.stream)
      return try #require(result.value).pValue
    }
    #expect(try #require(try kolmogorovSmirnovTest(uniform: values).value).pValue > 0.01)
  }

  @Test(
    "under the null hypothesis p-values of labels are uniform without ties, and never too small with layers' ties"
  )
  func uniformLabels() throws {
    var simulation = Simulation(23)
    func pValue(layers: Bool) throws -> Double {
      let strata = try (0..<6).map { _ in
        var labels = Array(repeating: 0, count: 20)
        for place in 0..<4 { labels[place * 3] = 1 }
        for place in 0..<5 { labels[place * 3 + 1] = 2 }
        return try LabelledStratum(
          labels: labels,
          positions: layers
            ? (0..<20).map { _ in Double(simulation.stream.integer(in: 0..<4)) } : simulation.normals(20))
      }
      let result = try labelPermutationTest(
        strata, first: 1, second: 2, alternative: .greater, draws: 299
      ) { simulation.stream.fill(&$0) }
      return try #require(result.value).pValue
    }
    let continuous = try (0..<300).map { _ in try pValue(layers: false) }
    #expect(try #require(try kolmogorovSmirnovTest(uniform: continuous).value).pValue > 0.01)
    let tied = try (0..<300).map { _ in try pValue(layers: true) }
    for level in [0.05, 0.1, 0.3] {
      let share = Double(tied.filter { $0 <= level }.count) / 300
      #expect(share <= level + 3 * (level * (1 - level) / 300).squareRoot())
    }
  }
}
