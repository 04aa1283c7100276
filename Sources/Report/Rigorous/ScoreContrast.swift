/// The rho of a gradient score minus the rho of the published score, both with mean ablation on exact match.
package struct ScoreContrast: Codable, Sendable, Equatable {
  package var gradient: GradientKey
  /// The difference, paired over the seeds that have both rhos.
  package var difference: SeedMean
  /// The two-sided sign-flip test.
  package var test: TestSummary

  /// One for each OOD score except the published one.
  ///
  /// - Parameter values: for each row, the rhos that it averages.
  static func all(_ rows: [ScoreTable.Row], _ values: [SeedValues], _ draws: ReportDraws) -> [ScoreContrast] {
    let judged = zip(rows, values).filter { $0.0.causal == .mean }
    guard let published = judged.first(where: { $0.0.gradient == .published })?.1 else { return [] }
    return judged.filter {
      $0.0.gradient != .published && $0.0.gradient.distribution == GradientKey.published.distribution
    }.map { row, rhos in
      let differences = rhos.differences(published)
      return ScoreContrast(
        gradient: row.gradient, difference: SeedMean(differences, draws),
        test: TestSummary(signFlip: differences, draws))
    }
  }
}
