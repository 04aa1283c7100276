import Records
import Statistics

/// The mean of one value per seed with its 95 % interval. The interval is a studentised bootstrap over seeds;
/// with fewer seeds than a claim needs it is Student's t interval.
package struct SeedMean: Codable, Sendable, Equatable {
  /// The number of seeds with a value.
  package var count: Int
  @Nullable package var mean: Double?
  @Nullable package var interval: Interval?
  /// Why there is no interval or no mean.
  @Nullable package var reason: String?

  /// - Parameter bounds: the range that the quantity cannot leave.
  init(_ values: [Double], bounds: ClosedRange<Double> = SeedMean.unbounded, _ draws: ReportDraws) {
    count = values.count
    do {
      let estimate =
        values.count < SignFlipResult.fewestSeedsForAClaim
        ? try studentMean(values, bounds: bounds)
        : try studentisedMean(values, bounds: bounds, resamples: draws.resamples(of:))
      mean = Statistics.mean(values)
      interval = estimate.value?.interval
      reason = estimate.reason?.description
    } catch {
      reason = "\(error)"
    }
  }

  /// A mean with Student's interval around it.
  ///
  /// - Parameter standardError: nil if too little varies for one.
  init(
    _ mean: Double, standardError: Double?, degrees: Int, bounds: ClosedRange<Double>, count: Int
  ) {
    (self.count, self.mean, reason) = (count, mean, standardError == nil ? "not enough varies" : nil)
    interval = standardError.map { error in
      let reach = studentReach(level: 0.95, degrees: degrees) * error
      return Interval(lower: mean - reach, upper: mean + reach, level: 0.95).clamped(to: bounds)
    }
  }

  static let unbounded = -Double.infinity...Double.infinity
  static let correlation = -1.0...1.0

  /// The range that an effect, given by its name in a record, cannot leave. Shares of samples or tokens
  /// differ by at most 1.
  static func bounds(ofEffect effect: String) -> ClosedRange<Double> {
    RecordNames.Effect.shares.contains(effect) ? -1...1 : unbounded
  }

  /// On which side of `value` the interval lies; `nil` without an interval, or if the interval contains the
  /// value.
  func side(of value: Double) -> Side? {
    guard let interval, !interval.contains(value) else { return nil }
    return interval.lower > value ? .above : .below
  }

  enum Side { case above, below }
}

/// A seed without a value, and the reason.
package struct MissingSeed: Codable, Sendable, Equatable {
  /// The reason if a record gives none.
  static let notMeasured = "not measured"

  package var seed: Int
  package var reason: String

  package init(seed: Int, reason: String) {
    self.seed = seed
    self.reason = reason
  }
}

/// A record that belongs to one seed. A study has one for each seed.
protocol OfOneSeed {
  var seed: Int { get }
}

extension RunRecord: OfOneSeed {}
extension RigorousRun: OfOneSeed {}

/// One value per seed, for the seeds that have a value.
struct SeedValues: Sendable {
  /// The values in the order of the runs.
  var values: [(seed: Int, value: Double)] = []
  var missing: [MissingSeed] = []

  /// - Parameter value: the value of a run, or the reason why it has none.
  init<Run: OfOneSeed>(_ runs: [Run], _ value: (Run) -> (Double?, String?)) {
    for run in runs {
      switch value(run) {
      case (let value?, _): values.append((run.seed, value))
      case (nil, let reason):
        missing.append(MissingSeed(seed: run.seed, reason: reason ?? MissingSeed.notMeasured))
      }
    }
  }

  /// The rho of two scores in each run.
  init(rhosOf runs: [RigorousRun], _ gradient: GradientKey, _ causal: CausalKey) {
    self.init(runs) { run in
      let found = run.correlation(gradient, causal)
      return (found?.rho, found?.reason)
    }
  }

  var numbers: [Double] { values.map(\.value) }

  func mean(bounds: ClosedRange<Double> = SeedMean.unbounded, _ draws: ReportDraws) -> SeedMean {
    SeedMean(numbers, bounds: bounds, draws)
  }

  /// These values minus `other`, over the seeds that have both.
  func differences(_ other: SeedValues) -> [Double] { (self - other).numbers }

  static func - (one: SeedValues, other: SeedValues) -> SeedValues {
    let others = Dictionary(other.values.map { ($0.seed, $0.value) }, uniquingKeysWith: { first, _ in first })
    var difference = one
    difference.values = one.values.compactMap { seed, value in others[seed].map { (seed, value - $0) } }
    return difference
  }
}
