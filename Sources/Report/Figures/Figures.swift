import Foundation
import Records

/// Writes `rho-TASK.svg`, `faithfulness-TASK.svg`, `decomposition-TASK.svg` and `lengths.svg`. A figure is
/// written only if the records contain its data; otherwise the figure of an earlier report is removed.
///
/// - Throws: `RecordError.folder` if the folder cannot be made, `AtomicFileError` if a file cannot be
///   written.
package func writeFigures(_ summary: RigorousSummary, to folder: URL) throws {
  try StudyFolder.create(folder)
  var figures: [(String, SVG?)] = [("lengths", lengthFigure(summary))]
  for task in summary.tasks {
    figures += [
      ("rho-\(task.task)", rhoFigure(task)), ("faithfulness-\(task.task)", faithfulnessFigure(task)),
      ("decomposition-\(task.task)", decompositionFigure(task)),
    ]
  }
  for (name, figure) in figures {
    try writeOrRemove(figure?.document, at: folder.appendingPathComponent("\(name).svg"))
  }
}
