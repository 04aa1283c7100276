import Foundation
import Records
import Statistics

/// Writes `rigorous_scores.csv`, `score_contrasts.csv`, `reversal_by_causal_score.csv`, `decomposition.csv`,
/// `faithfulness.csv`, `faithfulness_curves.csv`, `redundancy.csv`, `pair_interactions.csv`, `shapley.csv`,
/// `classes.csv`, `lengths.csv`, `ladder.csv`, `bloat_prediction.csv` and `verdicts.csv`.
///
/// A file is written only if the records contain its data; otherwise the file of an earlier report is
/// removed. A mean has the columns `NAME`, `NAME_lower`, `NAME_upper` and `NAME_seeds`.
///
/// - Throws: `RecordError.folder` if the folder cannot be made, `AtomicFileError` if a file cannot be
///   written.
package func writeRigorousTables(_ summary: RigorousSummary, to folder: URL) throws {
  try StudyFolder.create(folder)
  let files: [(String, CSV)] = [
    ("rigorous_scores.csv", scoresCSV(summary)), ("score_contrasts.csv", contrastsCSV(summary)),
    ("reversal_by_causal_score.csv", causalComparisonCSV(summary)),
    ("decomposition.csv", decompositionCSV(summary)),
    ("faithfulness.csv", faithfulnessCSV(summary)), ("faithfulness_curves.csv", curvesCSV(summary)),
    ("redundancy.csv", redundancyCSV(summary)), ("pair_interactions.csv", pairsCSV(summary)),
    ("shapley.csv", shapleyCSV(summary)), ("classes.csv", classesCSV(summary)),
    ("lengths.csv", lengthsCSV(summary)), ("ladder.csv", ladderCSV(summary)),
    ("bloat_prediction.csv", predictionCSV(summary)), ("verdicts.csv", verdictsCSV(summary)),
  ]
  for (name, csv) in files {
    try csv.writeIfFilled(to: folder.appendingPathComponent(name))
  }
}

private func scoresCSV(_ summary: RigorousSummary) -> CSV {
  var csv = CSV(
    ["task", "score", "distribution", "method", "effect"] + header("rho") + header("corrected")
      + ["not_estimable"] + header("gradient_reliability") + header("causal_reliability"))
  for task in summary.tasks {
    let scores = task.scores
    for row in scores.rows {
      let gradient = scores.gradientReliability.first { $0.gradient == row.gradient }?.reliability
      let causal = scores.causalReliability.first { $0.causal == row.causal }?.reliability
      csv.append(
        [
          .init(task.task), .init(row.gradient.score), .init(row.gradient.distribution),
          .init(row.causal.method),
          .init(row.causal.effect),
        ] + fields(row.rho) + fields(row.corrected) + [.init(row.notEstimable.count)] + fields(gradient)
          + fields(causal))
    }
  }
  return csv
}

private func contrastsCSV(_ summary: RigorousSummary) -> CSV {
  var csv = CSV(["task", "score", "distribution"] + header("difference") + ["sign_flip_p"])
  for task in summary.tasks {
    for row in task.scores.contrasts {
      csv.append(
        [.init(task.task), .init(row.gradient.score), .init(row.gradient.distribution)]
          + fields(row.difference) + [.init(row.test.pValue)])
    }
  }
  return csv
}

private func causalComparisonCSV(_ summary: RigorousSummary) -> CSV {
  var csv = CSV(
    ["causal_score"] + header("reversal") + header("sorting") + header("difference")
      + ["p_reversal_larger", "p_sorting_larger"])
  for row in summary.reversalByCausalScore {
    csv.append(
      [.init(row.rho)] + fields(row.first) + fields(row.second) + fields(row.paired)
        + [.init(row.signFlip.pValue), .init(row.opposite.pValue)])
  }
  return csv
}

private func decompositionCSV(_ summary: RigorousSummary) -> CSV {
  var csv = CSV(["task", "step"] + header("rho") + header("change") + ["sign_flip_p", "significant"])
  for task in summary.tasks {
    func append(_ step: String, _ rho: SeedMean?, _ change: Decomposition.Change?) {
      csv.append(
        [.init(task.task), .init(step)] + fields(rho) + fields(change?.mean)
          + [.init(change?.test.pValue), .init(change?.test.isSignificant.map { "\($0)" })])
    }
    for step in task.decomposition.steps { append(step.step, step.rho, step.change) }
    if let total = task.decomposition.total { append("total", nil, total) }
  }
  return csv
}

private func faithfulnessCSV(_ summary: RigorousSummary) -> CSV {
  var csv = CSV(
    ["task", "method", "effect", "ranking"] + header("cpr") + header("cpr_above_random") + header("cmd"))
  for task in summary.tasks {
    for row in task.faithfulness {
      csv.append(
        [.init(task.task), .init(row.method), .init(row.effect), .init(row.ranking)] + fields(row.cpr)
          + fields(row.cprAboveRandom) + fields(row.cmd))
    }
  }
  return csv
}

private func curvesCSV(_ summary: RigorousSummary) -> CSV {
  var csv = CSV(["task", "method", "effect", "ranking", "kept", "faithfulness"])
  for task in summary.tasks {
    for row in task.faithfulness {
      for (kept, value) in row.curve.enumerated() {
        csv.append([
          .init(task.task), .init(row.method), .init(row.effect), .init(row.ranking), .init(kept),
          .init(value),
        ])
      }
    }
  }
  return csv
}

private func lengthsCSV(_ summary: RigorousSummary) -> CSV {
  var csv = CSV(
    ["task", "length", "in_distribution"] + header("accuracy") + header("rho")
      + header("rho_log_probability"))
  for task in summary.tasks {
    for row in task.lengths {
      csv.append(
        [.init(task.task), .init(row.length), .init(row.inDistribution)] + fields(row.accuracy)
          + fields(row.rho) + fields(row.rhoLogProbability))
    }
  }
  return csv
}

private func ladderCSV(_ summary: RigorousSummary) -> CSV {
  var csv = CSV(["rung", "task", "length"] + header("accuracy") + header("rho") + header("corrected"))
  for row in summary.ladder.rows {
    csv.append(
      [.init(row.rung), .init(row.task), .init(row.length)] + fields(row.accuracy) + fields(row.rho)
        + fields(row.corrected))
  }
  return csv
}

private func redundancyCSV(_ summary: RigorousSummary) -> CSV {
  var csv = CSV(
    ["task", "set", "effect", "seeds"] + header("joint") + header("sum_of_singles")
      + ["ratio", "ratio_lower", "ratio_upper"] + header("in_distribution"))
  for task in summary.tasks {
    for row in task.redundancy.sets {
      csv.append(
        [.init(task.task), .init(row.set), .init(row.effect), .init(row.seeds)] + fields(row.joint)
          + fields(row.sumOfSingles) + [.init(row.ratio)] + fields(row.ratioInterval)
          + fields(row.inDistribution))
    }
  }
  return csv
}

private func pairsCSV(_ summary: RigorousSummary) -> CSV {
  var csv = CSV(["task", "effect", "first", "second"] + header("interaction"))
  for task in summary.tasks {
    for row in task.redundancy.pairs {
      csv.append(
        [.init(task.task), .init(row.effect), .init(row.first), .init(row.second)] + fields(row.interaction))
    }
  }
  return csv
}

private func shapleyCSV(_ summary: RigorousSummary) -> CSV {
  var csv = CSV(["task", "effect", "component"] + header("value"))
  for task in summary.tasks {
    for row in task.redundancy.shapley {
      csv.append([.init(task.task), .init(row.effect), .init(row.component)] + fields(row.value))
    }
  }
  return csv
}

private func classesCSV(_ summary: RigorousSummary) -> CSV {
  var csv = CSV(
    [
      "task", "component", "layer", "seeds", "hero", "hero_lower", "hero_upper", "hero_confidence", "bloat",
      "bloat_lower", "bloat_upper", "bloat_confidence",
    ] + header("gradient_rank") + header("causal_rank"))
  for task in summary.tasks {
    for row in task.classes.components {
      let hero = [.init(row.hero)] + fields(row.heroInterval) + [.init(row.heroConfidence)]
      let bloat = [.init(row.bloat)] + fields(row.bloatInterval) + [.init(row.bloatConfidence)]
      csv.append(
        [.init(task.task), .init(row.component), .init(row.layer), .init(row.seeds)] + hero + bloat
          + fields(row.gradientRank) + fields(row.causalRank))
    }
  }
  return csv
}

private func predictionCSV(_ summary: RigorousSummary) -> CSV {
  var csv = CSV([
    "task", "threshold", "bloats", "catastrophic", "seeds", "seeds_with_both", "area", "area_lower",
    "area_upper", "predicts", "reason",
  ])
  for task in summary.tasks {
    let row = task.prediction
    csv.append(
      [
        .init(task.task), .init(row.threshold), .init(row.bloats), .init(row.catastrophic), .init(row.seeds),
        .init(row.seedsWithBoth), .init(row.area),
      ] + fields(row.interval) + [.init(row.predicts.map { "\($0)" }), .init(row.reason)])
  }
  return csv
}

private func verdictsCSV(_ summary: RigorousSummary) -> CSV {
  var csv = CSV(["task", "claim", "outcome", "numbers", "rule"])
  for row in summary.verdicts {
    csv.append([
      .init(row.task), .init(row.claim), .init(row.outcome.rawValue), .init(row.numbers), .init(row.rule),
    ])
  }
  return csv
}
