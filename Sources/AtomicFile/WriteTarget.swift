import Foundation

/// The kind of target that a path to be written leads to.
enum WriteTarget: Equatable {
  /// A regular file, which may not exist yet, at this path. The last part of the path is not a symbolic link.
  case file(String)
  /// A device, a pipe or a socket: it takes bytes and must never be replaced.
  case stream(String)
  /// A descriptor that this process has open (`/dev/stdout`), whatever it refers to.
  case descriptor(Int32)

  /// Follows the path to its target.
  ///
  /// - Throws: `AtomicFileError` for circular links.
  init(_ path: String) throws {
    var target = path
    // The same limit on the number of links as the system's.
    for _ in 0..<40 {
      guard let link = linkText(target) else {
        self = isReplaceable(target) ? .file(target) : .stream(target)
        return
      }
      let (folder, name) = splitPath(target)
      // The text of such a link names a file that may have been renamed or removed.
      if let place = canonicalPath(folder), place.hasPrefix("/proc/"), place.hasSuffix("/fd") {
        let own = place == "/proc/\(getpid())/fd" ? Int32(name) : nil
        self = own.map { .descriptor($0) } ?? .stream(target)
        return
      }
      target = link.hasPrefix("/") ? link : "\(folder)/\(link)"
    }
    throw AtomicFileError(path: path, step: .followLink, code: ELOOP)
  }
}

/// Whether a path leads to a target that takes bytes and is not a file: a device, a pipe, a socket, or
/// `/dev/stdout`.
package func isStream(_ url: URL) -> Bool {
  switch try? WriteTarget(url.path) {
  case .stream, .descriptor: true
  case .file, nil: false
  }
}

/// Whether a path leads to a file or to nothing. A folder counts too: the system's refusal to rename over it
/// is the error.
private func isReplaceable(_ path: String) -> Bool {
  var status = stat()
  return lstat(path, &status) != 0 || [S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT)
}

/// The folder of a path and the name in it.
func splitPath(_ path: String) -> (folder: String, name: String) {
  guard let slash = path.lastIndex(of: "/") else { return (".", path) }
  return (slash == path.startIndex ? "/" : String(path[..<slash]), String(path[path.index(after: slash)...]))
}

/// The text of a symbolic link; nil if the path is not a link.
private func linkText(_ path: String) -> String? {
  var text = [CChar](repeating: 0, count: Int(PATH_MAX))
  let count = readlink(path, &text, text.count)
  return count > 0 ? String(decoding: text.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self) : nil
}

private func canonicalPath(_ path: String) -> String? {
  guard let text = realpath(path, nil) else { return nil }
  defer { free(text) }
  return String(cString: text)
}
