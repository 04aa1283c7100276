extension InteractionSummary {
  /// As readers see them.
  package var tables: [Table] {
    [screenTable, orderTable, distanceTable] + (classes.isEmpty ? [] : [classTable])
  }

  private var screenTable: Table {
    Table(
      title:
        "Which screen finds what single effects miss, \(task) (\(NumberText.seeds(seeds)), mean ablation)",
      rows: screens,
      notes: [
        "What is missed of a component is its Shapley value within the game minus its single effect, from every coalition. Screens see one half of "
          + "the samples, and are judged on the other. Within: the rank correlation in each game, averaged over a model's games that have one. Beyond single: among components with equal single effects (partial rank correlation). Missed by "
          + "first: what is missed of the component that the screen puts first, in units of the effect; above 0, others cover for it."
      ],
      [
        .shown("game", .left) { .text($0.game.title) }, .shown("effect", .left) { .text($0.effect) },
        .shown("screen", .left) { .text($0.screen.title) },
        .shown("ablations") { .count($0.ablations) },
        .shown("n") { .count($0.missed.count) },
        .shown("rho with missed") { .estimate($0.missed, digits: 2) },
        .shown("within") { .estimate($0.missedWithinGame, digits: 2) },
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

  private var classTable: Table {
    Table(
      title:
        "Mean ablation of all heroes, or all bloats, together against the sum of their single effects, \(task) (ratio: Fieller's interval)",
      rows: classes,
      notes: [
        "The classes come from the effects in the rigorous records, and from the gradient's norm (frobenius) or the norm divided by the root of the number of "
          + "weights (rms). They are measured on other samples."
      ] + classes.flatMap { $0.effects.notes(of: "\($0.score), \($0.effects.set)") },
      [
        .shown("score", .left) { .text($0.score) }, .shown("set", .left) { .text($0.effects.set) },
        .shown("effect", .left) { .text($0.effects.effect) }, .shown("n") { .count($0.effects.seeds) },
        .shown("joint") { .estimate($0.effects.joint, digits: 3) },
        .shown("sum of single effects") { .estimate($0.effects.sumOfSingles, digits: 3) },
        .shown("ratio of means") { .estimate($0.effects.ratio, $0.effects.ratioInterval, digits: 2) },
      ])
  }
}
