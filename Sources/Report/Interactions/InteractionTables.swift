extension InteractionSummary {
  /// As readers see them, and as the files `interaction_screens`, `interaction_orders` and `interaction_distances`.
  package var tables: [Table] { [screenTable, orderTable, distanceTable] }

  private var screenTable: Table {
    Table(
      "interaction_screens",
      title:
        "Which screen finds what single effects hide, \(task) (\(NumberText.seeds(seeds)), mean ablation)",
      rows: screens,
      notes: [
        "Rho over the components of a game, between the screen on one half of the samples and, on the other, every coalition's verdict: what "
          + "the single effect misses of the Shapley value, and by how much the effect grows at most once others are gone. First found: how "
          + "often the screen's first component is the one of which most is missed."
      ],
      [
        .file("task") { _ in .text(task) },
        .both("game", .left) { .text($0.game.title) }, .both("effect", .left) { .text($0.effect) },
        .both("screen", .left) { .text($0.screen.title) },
        .both("ablations") { .count($0.ablations) },
        .mean("rho with missed", key: "rho_missed") { $0.missed },
        .mean("rho with greatest growth", key: "rho_greatest_growth") { $0.greatestGrowth },
        .mean("first found", key: "first_found") { $0.finds },
      ])
  }

  private var orderTable: Table {
    Table(
      "interaction_orders",
      title: "The share of the variance over all coalitions' effects that is explained, \(task)",
      rows: orders,
      notes: [
        "Effects of one half of the samples predict those of the other. Below 0: worse than their mean."
      ],
      [
        .file("task") { _ in .text(task) },
        .both("game", .left) { .text($0.game.title) }, .both("effect", .left) { .text($0.effect) },
        .both("from", .left) { .text($0.withPairs ? "single effects and pairs" : "single effects") },
        .mean("explained") { $0.explained },
      ])
  }

  private var distanceTable: Table {
    Table(
      "interaction_distances",
      title: "How interactions grow with the distance by which a component is moved to its mean, \(task)",
      rows: distances,
      notes: [
        "On log-probability: how much a component's effect grows once the primary components are ablated, summed by size over components, as "
          + "a share of that at the whole way."
      ],
      [
        .file("task") { _ in .text(task) },
        .both("share of the way", key: "share") { .number($0.share, digits: 3) },
        .mean("interaction", digits: 3) { $0.size },
      ])
  }
}
