/// The components of one seed: the position of each, such as its layer, and its class.
package struct LabelledStratum<Label: Equatable & Sendable>: Sendable {
  package var labels: [Label]
  package var positions: [Double]

  /// - Throws: `StatisticsError.unequalCounts`, or `notANumber` for a position that is NaN or infinite.
  package init(labels: [Label], positions: [Double]) throws(StatisticsError) {
    guard labels.count == positions.count else { throw .unequalCounts(labels.count, positions.count) }
    try requireFinite(positions)
    self.labels = labels
    self.positions = positions
  }
}

/// The permutation test of labels against positions within strata, for claims such as "heroes are late,
/// bloats early".
///
/// The statistic is the mean position of `first` minus that of `second`, each mean over all strata together.
/// Under the null hypothesis the labels of a seed could lie on its components in any order. So the test
/// shuffles labels within each seed, which keeps the number of each label per seed, the differences between
/// seeds, and the components that have neither label. Positions have many ties; `PermutationResult` says what
/// that means.
///
/// Source: P. Good, "Permutation, Parametric, and Bootstrap Tests of Hypotheses" (2005), on permutation
/// within blocks.
///
/// - Parameters:
///   - alternative: `.greater` for the claim that `first` has the larger positions.
///   - fill: fills an array with uniform words. Thousands of seeds take hundreds of millions, which a generator makes
///     faster together.
/// - Returns: `notEstimable` if no component has one of the labels, or if no arrangement can change the
///   statistic.
/// - Throws: `StatisticsError.outOfRange` for no draws.
package func labelPermutationTest<Label>(
  _ strata: [LabelledStratum<Label>], first: Label, second: Label, alternative: Alternative = .twoSided,
  draws: Int = 99_999, fill: (inout [UInt64]) -> Void
) throws(StatisticsError) -> Estimable<PermutationResult> {
  try require(draws: draws)
  let labels = strata.flatMap(\.labels)
  let firstCount = labels.filter { $0 == first }.count
  let secondCount = labels.filter { $0 == second }.count
  guard first != second, firstCount > 0, secondCount > 0 else { return .notEstimable(.emptyGroup) }
  // With these weights of the labels the statistic is the sum of weight times position.
  let weights = strata.map { stratum in
    stratum.labels.map { $0 == first ? 1 / Double(firstCount) : $0 == second ? -1 / Double(secondCount) : 0 }
  }
  let canChange = zip(strata, weights).contains { stratum, weights in
    stratum.positions.contains { $0 != stratum.positions[0] } && weights.contains { $0 != weights[0] }
  }
  guard canChange else { return .notEstimable(.constant) }
  return .value(
    shuffledWithin(weights, positions: strata.map(\.positions), alternative, draws: draws, fill))
}

/// The test of Σ weight · position, with the weights shuffled within each stratum.
private func shuffledWithin(
  _ strata: [[Double]], positions: [[Double]], _ alternative: Alternative, draws: Int,
  _ fill: (inout [UInt64]) -> Void
) -> PermutationResult {
  var weights = strata.flatMap(\.self)
  let positions = positions.flatMap(\.self)
  var parts: [Range<Int>] = []
  for stratum in strata {
    let begin = parts.last?.upperBound ?? 0
    parts.append(begin..<begin + stratum.count)
  }
  var observed = 0.0
  for place in weights.indices { observed += positions[place] * weights[place] }
  let scale = positions.reduce(0) { max($0, abs($1)) }
  var extreme = ExtremeCounter(observed: observed, alternative: alternative, scale: scale)
  // Few enough for a processor's nearest memory.
  var words = [UInt64](repeating: 0, count: 1024)
  var next = words.count
  func word() -> UInt64 {
    if next == words.count {
      fill(&words)
      next = 0
    }
    next += 1
    return words[next - 1]
  }
  for _ in 0..<draws {
    var sum = 0.0
    for part in parts {
      shuffle(&weights, in: part, word)
      for place in part { sum += positions[place] * weights[place] }
    }
    extreme.add(sum)
  }
  return PermutationResult(
    statistic: observed, pValue: Double(1 + extreme.count) / Double(1 + draws), null: .sampled(draws: draws))
}
