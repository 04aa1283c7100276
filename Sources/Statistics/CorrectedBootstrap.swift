/// The percentile bootstrap over samples of a correlation corrected for attenuation: the interval of rho for
/// one run.
///
/// Resampling adds as much noise as the measurement had, so uncorrected rhos fall short of the estimate as
/// the estimate falls short of the truth, and their percentile interval misses the rho of the noise-free
/// scores: for 20 components with a rho of 0.8 it covers at 0.88 where reliabilities are 0.97, and at 0.63
/// where they are 0.90. Corrected resamples centre on the corrected estimate: 0.93 to 0.98 for rhos of 0 to
/// 0.8 and reliabilities of 0.9 to 0.99, up to 0.99 (too wide) at 0.8, and 0.92 to 0.99 where most
/// components lie close together and a few far out.
///
/// - Parameters:
///   - counts: the samples of each set of rows, commonly four: the two halves of one score, and of the other.
///     A half's rows are resampled among themselves.
///   - minimum: the smallest reliability, measured on all samples, that is corrected for. Resamples, which
///     are less reliable, need only a positive one.
///   - terms: the three correlations from the rows of each set; nil where one is not defined.
/// - Returns: `notEstimable` as `disattenuated` and `percentileBootstrap`.
/// - Throws: `StatisticsError.outOfRange` for a level outside (0, 1) or no resamples; what `terms` throws.
package func bootstrapCorrected(
  counts: [Int], resamples: Int = 2000, level: Double = 0.95, minimum: Double = 0.3,
  using generator: inout some RandomNumberGenerator, terms: ([[Int]]) throws -> AttenuationTerms?
) throws -> Estimable<BootstrapEstimate> {
  guard let measured = try terms(counts.map { Array(0..<max(0, $0)) }) else {
    return .notEstimable(.undefinedCorrelation)
  }
  if let reason = measured.corrected(minimum: minimum).reason { return .notEstimable(reason) }
  return try percentileBootstrap(counts: counts, resamples: resamples, level: level, using: &generator) {
    try terms($0)?.corrected(minimum: 0).value
  }
}
