import Foundation

/// What a path leads to. Symbolic links are followed, everywhere in this program: a run may lie on another disk.
package enum FileKind: Sendable {
  case file, folder
  /// A device, a pipe or a socket.
  case other

  /// What is at `url`, nil where there is nothing.
  ///
  /// What can't be looked at is not nothing: a record that is left out in silence would change a study's result.
  ///
  /// - Throws: `RecordError.unreadable` for what can't be looked at, and for a link that leads nowhere.
  package static func of(_ url: URL) throws -> FileKind? {
    var status = stat()
    if stat(url.path, &status) != 0 {
      let code = errno
      guard code == ENOENT || code == ENOTDIR else {
        throw RecordError.unreadable(file: url.path, reason: systemReason(errno: code))
      }
      guard lstat(url.path, &status) != 0 else {
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
