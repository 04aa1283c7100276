/// The mean of a few values with Student's t interval. It serves counts for which resampling says little: one
/// in nine resamples of three values has no spread, and then the studentised bootstrap's interval is
/// unbounded.
///
/// It assumes normal values. For three to five simulated per-seed correlations, from the populations of
/// `studentisedMean`, the coverage of its 95 % interval is 0.94 (nearly symmetric), 0.88 (skewed) and 0.80 to
/// 0.83 (two clusters); for paired differences it is 0.95.
///
/// - Parameters:
///   - values: one per seed.
///   - bounds: the range that the quantity cannot leave, such as −1...1 for a correlation.
/// - Returns: `notEstimable` below two values, or if all values are equal.
/// - Throws: `StatisticsError.notANumber` for NaN or infinity, `outOfRange` for a level outside (0, 1).
package func studentMean(
  _ values: [Double], level: Double = 0.95,
  bounds: ClosedRange<Double> = -Double.infinity...Double.infinity
) throws(StatisticsError) -> Estimable<MeanEstimate> {
  try require(level: level, draws: 1)
  try requireFinite(values)
  guard let average = mean(values), let error = standardErrorOfMean(values) else {
    return .notEstimable(.tooFew(needed: 2, found: values.count))
  }
  guard values.contains(where: { $0 != values[0] }) else { return .notEstimable(.constant) }
  let reach = studentReach(level: level, degrees: values.count - 1) * error
  let interval = Interval(lower: average - reach, upper: average + reach, level: level).clamped(to: bounds)
  return .value(
    MeanEstimate(mean: average, standardError: error, interval: interval, count: values.count))
}
