import Foundation
import Records

/// The figures of a study in the order of its page. A figure is `nil` if the records lack its data.
package func studyFigures(
  _ summary: Summary, _ runs: [RunRecord], _ paper: PaperTables, losses: [LossCurve] = []
) -> [(name: String, figure: Figure?)] {
  var figures: [(name: String, figure: Figure?)] = [
    ("alignment", alignmentFigure(summary, paper)), ("pruning", pruningFigure(summary, runs, paper)),
    ("bloat-pruning", bloatPruningFigure(summary, paper)), ("training", trainingFigure(summary, runs)),
    ("loss", lossFigure(summary, losses)),
  ]
  for task in summary.tasks {
    figures += [
      ("map-\(task.task)", mapFigure(task, runs)), ("scatter-\(task.task)", scatterFigure(task, runs)),
      ("rank-difference-\(task.task)", rankDifferenceFigure(task, runs, paper)),
      ("frequency-\(task.task)", frequencyFigure(task, paper)),
    ]
  }
  guard let rigorous = summary.rigorous else { return figures }
  figures.append(("lengths", lengthFigure(rigorous)))
  for task in rigorous.tasks {
    figures += [
      ("rho-\(task.task)", rhoFigure(task)), ("matrix-\(task.task)", matrixFigure(task)),
      ("pairs-\(task.task)", pairFigure(task, runs)), ("faithfulness-\(task.task)", faithfulnessFigure(task)),
      ("decomposition-\(task.task)", decompositionFigure(task)),
    ]
  }
  return figures
}

/// The figures of a comparison of studies: `depth`, `positions`, and one for every other setting with numbers, such as
/// `by_learning_rate`.
package func acrossFigures(_ across: AcrossStudies) -> [(name: String, figure: Figure?)] {
  [("depth", depthFigure(across)), ("positions", positionsFigure(across))]
    + numericKeys(across).map { ("by_\($0)", settingFigure(across, along: $0)) }
}

/// Writes `NAME.svg` for every figure; that of an earlier report is removed where there is none now.
///
/// - Parameter width: in points.
/// - Throws: `RecordError.folder` if the folder cannot be made, `AtomicFileError` if a file cannot be written.
package func writeFigures(
  _ figures: [(name: String, figure: Figure?)], to folder: URL, width: Double = Figure.columnWidth
) throws {
  if figures.contains(where: { $0.figure != nil }) { try StudyFolder.create(folder) }
  for (name, figure) in figures {
    try writeOrRemove(
      figure?.svg(width: width), at: folder.appendingPathComponent("\(Figure.identifier(name)).svg"))
  }
}
