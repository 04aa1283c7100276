import Foundation
import Records

/// Writes `tables/table1.csv` … `table6.csv` and `components.csv`. Each file holds our numbers and the paper's; the
/// column `source` (`ours`, `paper`) distinguishes them.
///
/// - Throws: `RecordError.folder` if the folder cannot be made, `AtomicFileError` if a file cannot be written.
package func writeTables(_ summary: Summary, runs: [RunRecord], paper: PaperTables, to folder: URL) throws {
  try StudyFolder.create(folder)
  let files: [(String, CSV)] = [
    ("table1.csv", alignmentCSV(summary, paper)), ("table2.csv", pruningCSV(summary, paper)),
    ("table3.csv", frequencyCSV(summary, paper)),
    ("table4.csv", seedCSV(summary, paper, PaperTables.sorting)),
    ("table5.csv", seedCSV(summary, paper, PaperTables.reversal)),
    ("table6.csv", bloatPruningCSV(summary, paper)),
    ("components.csv", componentsCSV(runs.map(\.withDefinedClasses))),
  ]
  for (name, csv) in files {
    try csv.write(to: folder.appendingPathComponent(name))
  }
}

private func alignmentCSV(_ summary: Summary, _ paper: PaperTables) -> CSV {
  var csv = CSV([
    "task", "source", "ablation", "protocols_own", "seeds", "rho_undefined", "rho_mean", "rho_std", "rho_min",
    "rho_max", "heroes", "bloats",
  ])
  for task in summary.tasks {
    for (name, row) in task.measures.sorted(by: { $0.key < $1.key }) {
      csv.append([
        .init(task.task), "ours", .init(name), .init(name == task.causalMeasure), .init(row.count),
        .init(row.undefined), .init(row.rhoMean), .init(row.rhoStd), .init(row.rhoMin), .init(row.rhoMax),
        .init(row.heroes), .init(row.bloats),
      ])
    }
    if let row = paper.alignment[PaperTables.name(ofTask: task.task)] {
      csv.append([
        .init(task.task), "paper", "", "", .init(paper.seeds.count), "0", .init(row.rhoMean),
        .init(row.rhoStd), .init(row.rhoMin), .init(row.rhoMax), .init(row.heroes), .init(row.bloats),
      ])
    }
  }
  return csv
}

private func pruningCSV(_ summary: Summary, _ paper: PaperTables) -> CSV {
  var csv = CSV([
    "task", "source", "seed", "baseline", "prune_heroes", "prune_bloats", "heroes", "bloats",
  ])
  for task in summary.tasks {
    if let row = task.pruning {
      csv.append([
        .init(task.task), "ours", .init(row.seed), .init(row.result.baseline), .init(row.result.pruneHeroes),
        .init(row.result.pruneBloats), .init(row.result.heroes.joined(separator: " ")),
        .init(row.result.bloats.joined(separator: " ")),
      ])
    }
    for row in paper.pruning where row.task == PaperTables.name(ofTask: task.task) {
      csv.append([
        .init(task.task), "paper", .init(row.seed), .init(row.baseline), .init(row.pruneHeroes),
        .init(row.pruneBloats), .init(row.heroes.joined(separator: " ")),
        .init(row.bloats.joined(separator: " ")),
      ])
    }
  }
  return csv
}

private func frequencyCSV(_ summary: Summary, _ paper: PaperTables) -> CSV {
  var csv = CSV(["task", "source", "class", "component", "seeds"])
  func append(_ task: String, _ source: CSV.Field, _ kind: CSV.Field, _ rows: [Frequency]) {
    for row in rows { csv.append([.init(task), source, kind, .init(row.name), .init(row.count)]) }
  }
  for task in summary.tasks {
    append(task.task, "ours", "hero", task.heroFrequency)
    append(task.task, "ours", "bloat", task.bloatFrequency)
    if PaperTables.name(ofTask: task.task) == PaperTables.sorting {
      append(task.task, "paper", "hero", Frequency.order(paper.sortingFrequency.heroes))
      append(task.task, "paper", "bloat", Frequency.order(paper.sortingFrequency.bloats))
    }
  }
  return csv
}

private func seedCSV(_ summary: Summary, _ paper: PaperTables, _ name: String) -> CSV {
  var csv = CSV([
    "task", "source", "seed", "in_window", "ood_length", "ood_accuracy", "rho", "heroes", "bloats",
  ])
  for task in summary.tasks where PaperTables.name(ofTask: task.task) == name {
    for row in task.bySeed {
      csv.append([
        .init(task.task), "ours", .init(row.seed), .init(row.inWindow), .init(row.oodLength),
        .init(row.oodAccuracy), .init(row.rho), .init(row.heroes), .init(row.bloats),
      ])
    }
    for row in paper.bySeed(task: task.task) {
      csv.append([
        .init(task.task), "paper", .init(row.seed), "true", .init(row.oodLength), .init(row.oodAccuracy),
        .init(row.rho), .init(row.heroes), .init(row.bloats),
      ])
    }
  }
  return csv
}

private func bloatPruningCSV(_ summary: Summary, _ paper: PaperTables) -> CSV {
  var csv = CSV(["task", "source", "seed", "bloats", "names", "id_base", "id_pruned"])
  for task in summary.tasks {
    for row in task.bloatPruning?.rows ?? [] {
      csv.append([
        .init(task.task), "ours", .init(row.seed), .init(row.bloats.count),
        .init(row.bloats.joined(separator: " ")), .init(row.idBase), .init(row.idPruned),
      ])
    }
    if PaperTables.name(ofTask: task.task) == PaperTables.sorting {
      for row in paper.bloatPruning {
        csv.append([
          .init(task.task), "paper", .init(row.seed), .init(row.bloats), "", .init(row.idBase),
          .init(row.idPruned),
        ])
      }
    }
  }
  return csv
}
