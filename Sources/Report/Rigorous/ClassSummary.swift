import Records
import Statistics

/// Which components are heroes and bloats, how certain that is, and in which layers they lie, over the seeds
/// of one task.
package struct ClassSummary: Codable, Sendable, Equatable {
  package var components: [Row]
  /// How similarly the seeds rank the components, for each score.
  package var concordance: [Concordance]
  /// "Heroes are late, bloats early": the mean layer of heroes minus that of bloats, tested by permuting
  /// labels within seeds, one-sided.
  package var heroesLate: TestSummary
  /// The same difference, averaged over the seeds that have both classes.
  package var heroesLater: SeedMean
  /// "Bloat pruning is bimodal": the dip of the joint effect of all bloats on exact match, one value per
  /// seed, out of distribution.
  package var bloatDip: TestSummary
  /// The same in distribution, which is the paper's claim.
  package var bloatDipInDistribution: TestSummary

  init(_ runs: [RigorousRun], _ draws: ReportDraws) {
    let names = runs.first?.names ?? []
    let alike = runs.filter { $0.names == names }
    let gradient = Ranking(alike.compactMap { $0.gradient(.published)?.values }, names.count, draws)
    let causal = Ranking(alike.compactMap { $0.causal(.mean)?.values }, names.count, draws)
    // Seeds without a rho have no classes.
    let classed = alike.filter { $0.record.rho != nil }
    components = (alike.first?.record.components ?? []).enumerated().map { place, component in
      Row(
        place, component, classed, gradientRank: gradient.rows[place], causalRank: causal.rows[place])
    }
    concordance = [
      Concordance(GradientKey.published.text, gradient.scores),
      Concordance(CausalKey.mean.text, causal.scores),
    ]
    heroesLate = Self.testOfLayers(alike, draws)
    heroesLater = SeedMean(
      alike.compactMap { run in
        run.meanLayer(of: .hero).flatMap { heroes in run.meanLayer(of: .bloat).map { heroes - $0 } }
      }, draws)
    let jointEffects = runs.compactMap { run in
      JointRow.Key(name: RecordNames.ComponentSet.allBloats, effect: CausalKey.mean.effect).find(run)
    }
    bloatDip = Self.dip(jointEffects.map(\.joint), draws)
    bloatDipInDistribution = Self.dip(jointEffects.compactMap(\.inDistribution), draws)
  }

  private static func dip(_ effects: [Double], _ draws: ReportDraws) -> TestSummary {
    TestSummary(seeds: effects.count) {
      try dipTest(effects, null: draws.dips(of:)).map {
        PermutationResult(statistic: $0.dip, pValue: $0.pValue, null: .sampled(draws: $0.draws))
      }
    }
  }

  /// The test of `heroesLate`. Seeds without any hero or bloat carry no information and are not counted.
  private static func testOfLayers(_ all: [RigorousRun], _ draws: ReportDraws) -> TestSummary {
    let runs = all.filter { $0.record.components.contains { $0.componentClass != .neutral } }
    var generator = draws.permutation
    return TestSummary(seeds: runs.count) {
      let strata = try runs.map { run in
        try LabelledStratum(
          labels: run.record.components.map(\.componentClass),
          positions: run.record.components.map { Double($0.layer) })
      }
      return try labelPermutationTest(
        strata, first: .hero, second: .bloat, alternative: .greater, draws: draws.permutations
      ) { generator.fill(&$0) }
    }
  }

  /// One component.
  package struct Row: Codable, Sendable, Equatable {
    package var component: String
    package var layer: Int
    /// The number of seeds with classes, and the numbers of those in which it is a hero, or a bloat.
    package var seeds: Int
    package var hero: Int
    package var bloat: Int
    /// Wilson's intervals of the two shares of seeds.
    @Nullable package var heroInterval: Interval?
    @Nullable package var bloatInterval: Interval?
    /// The mean confidence over seeds that it is one.
    @Nullable package var heroConfidence: Double?
    @Nullable package var bloatConfidence: Double?
    /// The mean ranks by the published gradient score and by the mean ablation on exact match; 1 is the
    /// smallest score.
    package var gradientRank: SeedMean
    package var causalRank: SeedMean

    init(
      _ place: Int, _ component: RunRecord.ComponentRecord, _ runs: [RigorousRun], gradientRank: SeedMean,
      causalRank: SeedMean
    ) {
      let found = runs.map { $0.record.components[place] }
      let confidence = runs.compactMap { $0.rigorous.classConfidence.at(place) }
      self.component = component.name
      layer = component.layer
      seeds = found.count
      hero = found.filter { $0.componentClass == .hero }.count
      bloat = found.filter { $0.componentClass == .bloat }.count
      self.gradientRank = gradientRank
      self.causalRank = causalRank
      heroInterval = try? wilsonInterval(successes: hero, trials: seeds)
      bloatInterval = try? wilsonInterval(successes: bloat, trials: seeds)
      heroConfidence = mean(confidence.map(\.hero))
      bloatConfidence = mean(confidence.map(\.bloat))
    }

    private enum CodingKeys: String, CodingKey {
      case component, layer, seeds, hero, bloat
      case heroInterval = "hero_interval"
      case bloatInterval = "bloat_interval"
      case heroConfidence = "hero_confidence"
      case bloatConfidence = "bloat_confidence"
      case gradientRank = "gradient_rank"
      case causalRank = "causal_rank"
    }
  }

  /// How similarly the seeds rank the components by one score.
  package struct Concordance: Codable, Sendable, Equatable {
    package var score: String
    package var seeds: Int
    /// Kendall's W, and the mean rank correlation of two seeds.
    @Nullable package var kendallW: Double?
    @Nullable package var meanSpearman: Double?
    @Nullable package var reason: String?

    init(_ score: String, _ values: [[Double]]) {
      self.score = score
      seeds = values.count
      do {
        let found = try rankConcordance(values)
        kendallW = found.value?.kendallW
        meanSpearman = found.value?.meanSpearman
        reason = found.reason?.description
      } catch {
        reason = "\(error)"
      }
    }

    private enum CodingKeys: String, CodingKey {
      case score, seeds
      case kendallW = "kendall_w"
      case meanSpearman = "mean_spearman"
      case reason
    }
  }

  private enum CodingKeys: String, CodingKey {
    case components, concordance
    case heroesLate = "heroes_late"
    case heroesLater = "heroes_later"
    case bloatDip = "bloat_dip"
    case bloatDipInDistribution = "bloat_dip_in_distribution"
  }
}

/// The ranks of the components by one score, over the seeds in which every component has the score.
private struct Ranking {
  /// [seed][component]
  let scores: [[Double]]
  let rows: [SeedMean]

  init(_ all: [[Double]], _ components: Int, _ draws: ReportDraws) {
    // A score that is the same for every component ranks nothing.
    let scores = all.filter {
      $0.count == components && !$0.contains(where: \.isNaN) && Set($0).count > 1
    }
    let ranks = scores.compactMap { try? averageRanks($0) }
    self.scores = scores
    rows = (0..<components).map { place in
      SeedMean(ranks.map { $0[place] }, bounds: 1...Double(components), draws)
    }
  }
}
