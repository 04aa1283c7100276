import Foundation
import Records

/// Writes `rho-TASK.svg`, `faithfulness-TASK.svg`, `decomposition-TASK.svg` and `lengths.svg`, each where the records have
/// what it shows; one of an earlier report is removed where they don't.
///
/// - Throws: `RecordError.folder` where the folder can't be made, `AtomicFileError` where a file can't be written.
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
