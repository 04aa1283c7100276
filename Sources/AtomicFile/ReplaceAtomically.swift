import Foundation

/// Makes a file under a temporary name in its folder and then gives it its own name, so that a reader finds the old file
/// or the new one, whole. It is for files that something else writes, such as a database.
///
/// - Parameter make: makes the file at the path that it receives. If it throws, nothing is replaced.
/// - Throws: `AtomicFileError`, or what `make` throws.
package func replaceAtomically(_ url: URL, _ make: (_ temporary: URL) throws -> Void) throws {
  let (folder, name) = splitPath(url.path)
  let suffix = String(UInt64.random(in: .min ... .max), radix: 36)
  let temporary = "\(folder)/.\(name.prefix(32)).\(suffix).tmp"
  do {
    try make(URL(fileURLWithPath: temporary))
    try flush(temporary, path: url.path)
    guard rename(temporary, url.path) == 0 else {
      throw AtomicFileError(path: url.path, step: .rename, code: errno)
    }
  } catch {
    _ = unlink(temporary)
    throw error
  }
  try flushFolder(folder, path: url.path)
}

/// Makes sure that a file's bytes are on the disk.
private func flush(_ file: String, path: String) throws(AtomicFileError) {
  let descriptor = open(file, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw AtomicFileError(path: path, step: .flush, code: errno) }
  defer { _ = close(descriptor) }
  guard fsync(descriptor) == 0 else { throw AtomicFileError(path: path, step: .flush, code: errno) }
}
