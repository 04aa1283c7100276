import AtomicFile
import Foundation
import Records

/// Writes `tables/across.csv` (one row per study and task), `across_reversal.csv`, `across_depth.csv`,
/// `figures/depth.svg`, `positions.svg`, and a figure for every other setting with numbers, such as
/// `by_learning_rate.svg`. A file is written only if it has content; otherwise the file of
/// an earlier comparison is removed.
///
/// - Throws: `RecordError.folder` if a folder cannot be made, `AtomicFileError` if a file cannot be written.
package func writeAcross(_ across: AcrossStudies, to folder: StudyFolder) throws {
  try writeTables(acrossTables(across), to: folder.tables)
  try writeFigures(acrossFigures(across), to: folder.figures)
}

extension AcrossStudies {
  /// Writes the comparison as JSON, whole or not at all.
  package func write(to url: URL) throws { try writeAtomically(RecordCoding.encode(self), to: url) }
}
