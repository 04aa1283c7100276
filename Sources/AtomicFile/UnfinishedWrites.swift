import Foundation

/// Deletes the temporary files that a killed process left in a folder while it was writing with
/// `writeAtomically`.
///
/// Call it only while holding the folder's lock, because a write in progress would lose its file. Files that
/// cannot be deleted are left.
///
/// - Parameter seconds: Younger files stay. It is for folders that a process without the lock may be writing to.
package func removeUnfinishedWrites(in folder: URL, olderThan seconds: Double = 0) {
  let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
  for name in names where isTemporary(name) {
    let path = folder.appendingPathComponent(name).path
    if seconds == 0 || age(path) > seconds { _ = unlink(path) }
  }
}

/// Whether a name has the form `.NAME.RANDOM.tmp` that `writeAtomically` uses.
private func isTemporary(_ name: String) -> Bool {
  name.wholeMatch(of: /\..+\.[0-9a-z]{1,13}\.tmp/) != nil
}

/// The seconds since a file was changed, by the clock of the file system as far as that is ours; 0 where unknown.
private func age(_ path: String) -> Double {
  var status = stat()
  guard lstat(path, &status) == 0 else { return 0 }
  return Date().timeIntervalSince1970 - Double(status.st_mtim.tv_sec)
}
