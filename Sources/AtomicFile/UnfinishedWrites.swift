import Foundation

/// Deletes the temporary files that a killed process left in a folder in the middle of `writeAtomically`.
///
/// For whoever holds the folder's lock: a write under way would lose its file. What can't be deleted stays.
package func removeUnfinishedWrites(in folder: URL) {
  let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
  for name in names where isTemporary(name) { _ = unlink(folder.appendingPathComponent(name).path) }
}

/// `.NAME.RANDOM.tmp`, as `writeAtomically` names them.
private func isTemporary(_ name: String) -> Bool {
  name.wholeMatch(of: /\..+\.[0-9a-z]{1,13}\.tmp/) != nil
}
