import Foundation

/// Deletes the temporary files that a killed process left in a folder while it was writing with
/// `writeAtomically`.
///
/// Call it only while holding the folder's lock, because a write in progress would lose its file. Files that
/// cannot be deleted are left.
package func removeUnfinishedWrites(in folder: URL) {
  let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
  for name in names where isTemporary(name) { _ = unlink(folder.appendingPathComponent(name).path) }
}

/// Whether a name has the form `.NAME.RANDOM.tmp` that `writeAtomically` uses.
private func isTemporary(_ name: String) -> Bool {
  name.wholeMatch(of: /\..+\.[0-9a-z]{1,13}\.tmp/) != nil
}
