import RandomStreams
import Statistics
import Testing

@Suite("The percentile bootstrap")
struct PercentileBootstrapTests {
  @Test(
    "of a mean of many samples it has the standard error of theory, and the same seed gives the same interval"
  )
  func standardError() throws {
    var simulation = Simulation(3)
    let values = simulation.normals(400)
    var stream = CounterStream(seed: 1, purpose: .bootstrap)
    var again = stream
    let result = try #require(
      try percentileBootstrap(count: 400, using: &stream) { rows in
        Estimable(mean(rows.map { values[$0] }), otherwise: .constant)
      }.value)
    let expected = try #require(standardDeviation(values, ddof: 0)) / 20
    #expect(agree(result.standardError, expected, within: 0.05 * expected))
    #expect(agree(result.estimate, try #require(mean(values)), within: 1e-12))
    #expect(agree(result.interval.width, 2 * 1.96 * expected, within: 0.1 * expected * 4))
    #expect(result.resamples == 2000 && result.undefined == 0)
    let repeated = try percentileBootstrap(count: 400, using: &again) { rows in
      Estimable(mean(rows.map { values[$0] }), otherwise: .constant)
    }
    #expect(repeated.value == result)
  }

  @Test("rows stay together, sets are drawn independently, and all items are equally likely")
  func rows() throws {
    var stream = CounterStream(seed: 2, purpose: .bootstrap)
    var counts = [Array(repeating: 0, count: 3), Array(repeating: 0, count: 5)]
    var isAlwaysTheSame = true
    forEachResample(counts: [3, 5], resamples: 3000, using: &stream) { rows in
      #expect(rows.map(\.count) == [3, 5])
      for set in 0..<2 { for row in rows[set] { counts[set][row] += 1 } }
      if rows[0] != Array(rows[1].prefix(3)) { isAlwaysTheSame = false }
    }
    // 3000 draws each, standard deviation about 50.
    #expect(counts.joined().allSatisfy { abs($0 - 3000) < 250 })
    #expect(!isAlwaysTheSame)
    // A paired difference that is equal on every row has no spread.
    let x = [0.5, -1, 2.25, 7]
    let paired = try percentileBootstrap(count: 4, using: &stream) { rows in
      Estimable(mean(rows.map { (x[$0] + 2) - x[$0] }), otherwise: .constant)
    }
    #expect(paired.value?.interval == Interval(lower: 2, upper: 2, level: 0.95))
  }

  @Test("too few items and undefined statistics give reasons instead of numbers")
  func reasons() throws {
    var stream = CounterStream(seed: 3, purpose: .bootstrap)
    #expect(
      try percentileBootstrap(count: 1, using: &stream) { _ in .value(1) }.reason
        == .tooFew(needed: 2, found: 1))
    #expect(
      try percentileBootstrap(counts: [5, 0], using: &stream) { _ in .value(1) }.reason
        == .tooFew(needed: 2, found: 0))
    for reason in [NotEstimable.emptyGroup, .constant, .undefinedCorrelation, .undefinedReliability(.second)]
    {
      let found = try percentileBootstrap(count: 5, using: &stream) { _ in .notEstimable(reason) }
      #expect(found.reason == reason)
    }
    // With three pairs, one resample in nine repeats a single row and has no correlation.
    let (x, y) = ([1.0, 2, 3], [2.0, 1, 3])
    let result = try percentileBootstrap(count: 3, resamples: 900, using: &stream) { rows in
      Estimable(try spearman(rows.map { x[$0] }, rows.map { y[$0] }), otherwise: .undefinedCorrelation)
    }
    guard case .undefinedResamples(let count, of: 900) = try #require(result.reason) else {
      Issue.record("expected undefined resamples, found \(result)")
      return
    }
    #expect(abs(count - 100) < 40)
    #expect(throws: StatisticsError.outOfRange("a confidence level", 1)) {
      try percentileBootstrap(count: 3, level: 1, using: &stream) { _ in .value(1) }
    }
    #expect(throws: StatisticsError.outOfRange("a number of draws", 0)) {
      try percentileBootstrap(count: 3, resamples: 0, using: &stream) { _ in .value(1) }
    }
  }

  @Test("the interval of a paired difference of accuracies has a coverage within 2 % of its level")
  func pairedCoverage() throws {
    // An ablation breaks 30 % of the right answers and corrects 5 % of the others.
    let truth = 0.6 * 0.3 - 0.4 * 0.05
    let covered = try coverage(trials: 600, truth: truth) { trial in
      var simulation = Simulation(1000 + trial)
      let differences = (0..<150).map { _ -> Double in
        let wasRight = simulation.uniform() < 0.6
        let isRight = wasRight ? simulation.uniform() >= 0.3 : simulation.uniform() < 0.05
        return (wasRight ? 1 : 0) - (isRight ? 1 : 0)
      }
      let result = try percentileBootstrap(count: 150, resamples: 300, using: &simulation.stream) { rows in
        var sum = 0.0
        for row in rows { sum += differences[row] }
        return .value(sum / 150)
      }
      return result.value.map { ($0.interval.lower, $0.interval.upper) }
    }
    #expect(agree(covered, 0.95, within: 0.02))
  }

  @Test("the interval of a corrected rank correlation has the coverage that the uncorrected one lacks")
  func correctedCoverage() throws {
    let (components, samples) = (20, 24)
    var (corrected, raw) = (0, 0)
    let trials = 150
    for trial in 0..<trials {
      var simulation = Simulation(5000 + UInt64(trial))
      let scores = simulation.halves(components: components, rho: 0.8, reliability: (1, 1))
      let truth = try #require(try spearman(scores.first, scores.second))
      // Noise with deviation 2 for each sample gives the mean of 48 samples a reliability of 0.92.
      let measured = [scores.first, scores.first, scores.second, scores.second].map { values in
        (0..<samples).map { _ in values.map { $0 + 2 * simulation.normal() } }
      }
      @Sendable func terms(_ rows: [[Int]]) throws -> Estimable<AttenuationTerms> {
        let means = zip(measured, rows).map { samples, rows in
          var sum = Array(repeating: 0.0, count: components)
          for row in rows { for component in 0..<components { sum[component] += samples[row][component] } }
          return sum
        }
        return try AttenuationTerms.measured(
          HalvedScore(means[0], means[1]), HalvedScore(means[2], means[3]))
      }
      let counts = Array(repeating: samples, count: 4)
      var again = simulation.stream
      let first = try bootstrapCorrected(
        counts: counts, resamples: 150, using: &simulation.stream, terms: terms)
      let second = try percentileBootstrap(counts: counts, resamples: 150, using: &again) {
        try terms($0).map(\.correlation)
      }
      if try #require(first.value).interval.contains(truth) { corrected += 1 }
      if try #require(second.value).interval.contains(truth) { raw += 1 }
    }
    // The standard error of a coverage from 150 trials is 0.018.
    #expect(agree(Double(corrected) / Double(trials), 0.95, within: 0.045))
    #expect(Double(raw) / Double(trials) < 0.85)
  }

  @Test("a rho is not corrected, and has no interval, if the measured reliability is low")
  func lowReliability() throws {
    var stream = CounterStream(seed: 4, purpose: .bootstrap)
    let low = AttenuationTerms(correlation: 0.1, firstHalves: 0.9, secondHalves: 0.1)
    let result = try bootstrapCorrected(counts: [5, 5, 5, 5], using: &stream) { _ in .value(low) }
    guard case .lowReliability(.second, _, needed: 0.3) = try #require(result.reason) else {
      Issue.record("expected a low reliability, found \(result)")
      return
    }
    // A resample may have a lower reliability.
    let lower = try bootstrapCorrected(counts: [50], resamples: 20, using: &stream) { rows in
      let half = rows[0] == Array(0..<50) ? 1 : 0.1
      return .value(AttenuationTerms(correlation: 0.1, firstHalves: 1, secondHalves: half))
    }
    let value = try #require(lower.value)
    #expect(value.estimate == 0.1 && value.undefined == 0)
    #expect(agree(value.interval.lower, 0.1 / (0.2 / 1.1).squareRoot(), within: 1e-12))
    for reason in [NotEstimable.undefinedCorrelation, .undefinedReliability(.first)] {
      let found = try bootstrapCorrected(counts: [5], using: &stream) { _ in .notEstimable(reason) }
      #expect(found.reason == reason)
    }
  }
}
