import Foundation

/// The kind of file that a path leads to. The whole program follows symbolic links, because a run may be
/// stored on another disk.
package enum FileKind: Sendable {
  case file, folder
  /// A device, a pipe or a socket.
  case other

  /// The kind of the file at `url`; nil if nothing exists there.
  ///
  /// A file that cannot be examined is an error and does not count as missing: silently leaving out a record
  /// would change the result of a study.
  ///
  /// - Throws: `RecordError.unreadable` if the file cannot be examined, or for a symbolic link without a
  ///   target.
  package static func of(_ url: URL) throws -> FileKind? {
    var status = stat()
    if stat(url.path, &status) != 0 {
      let code = errno
      guard code == ENOENT || code == ENOTDIR else {
        throw RecordError.unreadable(file: url.path, reason: systemReason(errno: code))
      }
      guard lstat(url.path, &status) != 0 else {
        // What appeared between the two calls is looked at again: another thread may have made a folder.
        guard status.st_mode & S_IFMT == S_IFLNK else { return try of(url) }
        throw RecordError.unreadable(file: url.path, reason: "it is a symbolic link that leads nowhere")
      }
      return nil
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .folder
    default: return .other
    }
  }
}
