import RandomStreams
import Statistics
import Testing

@Suite("Predictions and their area under the curve")
struct PredictionTests {
  @Test("areas equal scipy's, over all pairs and within groups")
  func areas() throws {
    for fixture in try InferenceFixtures.load().areas {
      let area = try #require(try areaUnderROC(fixture.scores, labels: fixture.labels))
      #expect(agree(area, fixture.area, within: 1e-12))
      let within = try areaUnderROC(fixture.scores, labels: fixture.labels, within: fixture.groups)
      if let expected = fixture.within {
        #expect(agree(try #require(within), expected, within: 1e-12))
      } else {
        #expect(within == nil)
      }
      let one = try areaUnderROC(
        fixture.scores, labels: fixture.labels, within: fixture.scores.map { _ in 7 })
      #expect(agree(try #require(one), fixture.area, within: 1e-12))
    }
    #expect(try areaUnderROC([1, 2], labels: [true, true]) == nil)
    #expect(throws: StatisticsError.unequalCounts(1, 2)) { try areaUnderROC([1], labels: [true, false]) }
    #expect(throws: StatisticsError.notANumber(index: 0)) {
      try areaUnderROC([.nan, 1], labels: [true, false])
    }
  }

  @Test("fits, and predictions for left-out groups, agree with scipy's minimum")
  func logistic() throws {
    for fixture in try InferenceFixtures.load().logistic {
      let model = try LogisticRegression(
        features: fixture.features, labels: fixture.labels, ridge: fixture.ridge)
      #expect(agree(model.intercept, fixture.intercept, within: 1e-7))
      #expect(model.weights.count == fixture.weights.count)
      for (weight, expected) in zip(model.weights, fixture.weights) {
        #expect(agree(weight, expected, within: 1e-7))
      }
      for (row, expected) in zip(fixture.features, fixture.probabilities) {
        #expect(agree(try model.probability(row), expected, within: 1e-8))
      }
      let held = try leaveOneGroupOutPredictions(
        features: fixture.features, labels: fixture.labels, groups: fixture.groups, ridge: fixture.ridge)
      #expect(held.count == fixture.heldOut.count)
      for (found, expected) in zip(held, fixture.heldOut) {
        #expect((found == nil) == (expected == nil))
        if let found, let expected { #expect(agree(found, expected, within: 1e-7)) }
      }
    }
  }

  @Test("the labels of a left-out group do not change its predictions")
  func leakage() throws {
    var simulation = Simulation(41)
    let features = (0..<40).map { _ in simulation.normals(3) }
    var labels = (0..<40).map { $0 % 3 == 0 }
    let groups = (0..<40).map { $0 / 8 }
    let before = try leaveOneGroupOutPredictions(features: features, labels: labels, groups: groups)
    for row in 8..<16 { labels[row].toggle() }
    let after = try leaveOneGroupOutPredictions(features: features, labels: labels, groups: groups)
    #expect(before[8..<16] == after[8..<16])
    #expect(before[0..<8] != after[0..<8])
  }

  @Test("separable classes have a finite fit, constant features no weight, and a single class no fit")
  func edges() throws {
    let model = try LogisticRegression(
      features: [[1, 5], [2, 5], [3, 5], [4, 5]], labels: [false, false, true, true], ridge: 1e-6)
    #expect(model.weights[0].isFinite && model.weights[0] > 5)
    #expect(model.weights[1] == 0)
    #expect(try model.probability([1e6, 5]) == 1)
    #expect(throws: StatisticsError.tooFew(needed: 2, found: 1)) {
      try LogisticRegression(features: [[1], [2]], labels: [true, true])
    }
    #expect(throws: StatisticsError.outOfRange("a ridge penalty", 0)) {
      try LogisticRegression(features: [[1], [2]], labels: [true, false], ridge: 0)
    }
    #expect(throws: StatisticsError.unequalCounts(2, 1)) {
      try LogisticRegression(features: [[1], [2, 3]], labels: [true, false])
    }
    #expect(throws: StatisticsError.notANumber(index: 1)) {
      try leaveOneGroupOutPredictions(features: [[1], [.nan]], labels: [true, false], groups: [0, 1])
    }
    #expect(throws: StatisticsError.unequalCounts(1, 2)) { try model.probability([1]) }
    // Without group 0 all rows are positive.
    let held = try leaveOneGroupOutPredictions(
      features: [[1], [2], [3], [4]], labels: [false, true, true, true], groups: [0, 0, 1, 1])
    #expect(held[0] == nil && held[1] == nil && held[2] != nil)
  }

  @Test("without a relation, pairs within groups give 0.5 and pairs across groups less")
  func stratification() throws {
    var (within, across) = (0.0, 0.0)
    let trials = 60
    for trial in 0..<trials {
      var simulation = Simulation(900 + UInt64(trial))
      let groups = (0..<60).map { $0 / 6 }
      let share = (0..<10).map { _ in 0.2 + 0.6 * simulation.uniform() }
      let labels = groups.map { simulation.uniform() < share[$0] }
      let features = groups.map { _ in simulation.normals(1) }
      let predictions = try leaveOneGroupOutPredictions(
        features: features, labels: labels, groups: groups, ridge: 10
      ).compactMap(\.self)
      within += try #require(try areaUnderROC(predictions, labels: labels, within: groups))
      across += try #require(try areaUnderROC(predictions, labels: labels))
    }
    #expect(agree(within / Double(trials), 0.5, within: 0.03))
    #expect(across / Double(trials) < 0.45)
  }

  @Test(
    "the interval of an area over twelve groups has a coverage within 4 % of its level",
    arguments: [false, true])
  func areaCoverage(withinGroups: Bool) throws {
    // Two normal distributions whose means differ by one standard deviation: Φ(1/√2). For the comparison
    // within groups, each group has its own level.
    let covered = try coverage(trials: 300, truth: 0.7602499389065233) { trial in
      var simulation = Simulation(trial)
      let levels = simulation.normals(12)
      let groups = (0..<144).map { $0 / 12 }
      let labels = groups.map { _ in simulation.uniform() < 0.4 }
      let scores = zip(labels, groups).map {
        ($0 ? 1 : 0) + simulation.normal() + (withinGroups ? levels[$1] : 0)
      }
      let result = try clusteredAreaUnderROC(
        scores, labels: labels, groups: groups, withinGroups: withinGroups)
      return result.value.map { ($0.interval.lower, $0.interval.upper) }
    }
    #expect(agree(covered, 0.95, within: 0.04))
  }

  @Test("a repeated group does not narrow the interval, and unusable data give a reason")
  func clustered() throws {
    var simulation = Simulation(43)
    let groups = (0..<120).map { $0 / 10 }
    let labels = groups.map { _ in simulation.uniform() < 0.4 }
    let scores = labels.map { ($0 ? 1 : 0) + simulation.normal() }
    let alone = try #require(
      try clusteredAreaUnderROC(scores, labels: labels, groups: groups, withinGroups: false).value)
    let copied = try #require(
      try clusteredAreaUnderROC(
        scores + scores, labels: labels + labels, groups: groups + groups, withinGroups: false
      ).value)
    #expect(agree(copied.interval.lower, alone.interval.lower, within: 1e-12))
    #expect(agree(copied.interval.upper, alone.interval.upper, within: 1e-12))
    #expect(alone.groups == 12)
    let reasons: [([Bool], [Int], NotEstimable)] = [
      ([true, true, true, true], [0, 0, 1, 1], .emptyGroup),
      ([true, false, true, false], [0, 0, 0, 0], .tooFew(needed: 2, found: 1)),
      ([true, true, false, false], [0, 0, 1, 1], .emptyGroup),
      ([true, false, true, false], [0, 0, 1, 1], .constant),
    ]
    for (labels, groups, reason) in reasons {
      let result = try clusteredAreaUnderROC(
        [4, 1, 3, 0], labels: labels, groups: groups, withinGroups: false)
      #expect(result.reason == reason)
    }
    let mixed = try clusteredAreaUnderROC(
      [4, 1, 3, 0], labels: [true, false, true, true], groups: [0, 0, 1, 1], withinGroups: true)
    #expect(mixed.reason == .tooFew(needed: 2, found: 1))
  }
}
