/// What was measured on trainings with every seed of the data in every one of several initialisations.
struct CrossedTrainings<Value> {
  /// Those that have a value with every initialisation.
  let dataSeeds: [Int]
  let initialSeeds: [Int]
  /// [seed of the data][initial seed]
  let values: [[Value]]

  /// The number of seeds of the factor that has fewer.
  var fewest: Int { min(dataSeeds.count, initialSeeds.count) }

  /// - Parameters:
  ///   - curve: studies by their `initial_seed`.
  ///   - found: the values of a row, one for each seed of the data that has one.
  /// - Returns: nil where studies differ in their budget, which changes the training, and where two have the same initial seed.
  init?(_ curve: AcrossCurve, _ found: (_ row: Int) -> [(seed: Int, value: Value)]) {
    let columns = curve.points.compactMap { value, row in value.whole.map { (seed: $0, values: found(row)) } }
    initialSeeds = columns.map(\.seed)
    guard curve.budgets.isEmpty, Set(initialSeeds).count == initialSeeds.count else { return nil }
    let bySeed = columns.map { Dictionary($0.values.map { ($0.seed, $0.value) }) { first, _ in first } }
    dataSeeds = (columns.first?.values ?? []).map(\.seed).filter { seed in
      bySeed.allSatisfy { $0[seed] != nil }
    }
    values = dataSeeds.map { seed in bySeed.compactMap { $0[seed] } }
  }
}
