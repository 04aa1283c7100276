extension InteractionSummary {
  /// As readers see them.
  package var tables: [Table] { [screenTable, orderTable, distanceTable] }

  private var screenTable: Table {
    Table(
      title:
        "Which screen finds what single effects miss, \(task) (\(NumberText.seeds(seeds)), mean ablation)",
      rows: screens,
      notes: [
        "What is missed of a component is its Shapley value within the game minus its single effect, from every coalition. Screens see one half of "
          + "the samples, and are judged on the other. Beyond single: among components with equal single effects (partial rank correlation). Missed by "
          + "first: what is missed of the component that the screen puts first, in units of the effect; above 0, others cover for it."
      ],
      [
        .shown("game", .left) { .text($0.game.title) }, .shown("effect", .left) { .text($0.effect) },
        .shown("screen", .left) { .text($0.screen.title) },
        .shown("ablations") { .count($0.ablations) },
        .shown("n") { .count($0.missed.count) },
        .shown("rho with missed") { .estimate($0.missed, digits: 2) },
        .shown("beyond single") { .estimate($0.beyondSingle, digits: 2) },
        .shown("missed by first") { .estimate($0.missedByFirst, digits: 3) },
      ])
  }

  private var orderTable: Table {
    Table(
      title: "How much of the variance over all coalitions is the sum of components, or of pairs, \(task)",
      rows: orders,
      notes: [
        "The closest function of each kind (least squares) on one half of the samples, judged on the other."
      ],
      [
        .shown("game", .left) { .text($0.game.title) }, .shown("effect", .left) { .text($0.effect) },
        .shown("sum of", .left) { .text($0.order == 1 ? "components" : "components and pairs") },
        .shown("n") { .count($0.explained.count) },
        .shown("explained") { .estimate($0.explained, digits: 2) },
      ])
  }

  private var distanceTable: Table {
    Table(
      title: "How interactions grow with the distance by which a component is moved to its mean, \(task)",
      rows: distances,
      notes: [
        "On log-probability: how much a component's effect grows once the primary components (those with the largest single effects) are ablated, "
          + "summed by size over components, as a share of that at the whole way. Noise adds to the sizes."
      ],
      [
        .shown("share of the way") { .number($0.share, digits: 3) },
        .shown("n") { .count($0.size.count) },
        .shown("interaction") { .estimate($0.size, digits: 3) },
      ])
  }
}
