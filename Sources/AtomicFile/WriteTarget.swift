import Foundation

/// What a path to be written stands for.
enum WriteTarget: Equatable {
  /// A regular file, existing or not, at this path without symbolic links at its end.
  case file(String)
  /// A device, a pipe or a socket: it takes bytes and must never be replaced.
  case stream(String)
  /// A descriptor that this process has open (`/dev/stdout`), whatever is behind it.
  case descriptor(Int32)

  /// - Throws: `AtomicFileError` for links that go round in a circle.
  init(_ path: String) throws {
    var target = path
    // The system's own limit on links in a row.
    for _ in 0..<40 {
      guard let link = linkText(target) else {
        self = isReplaceable(target) ? .file(target) : .stream(target)
        return
      }
      let (folder, name) = splitPath(target)
      // The text of such a link names a file that may have another name by now, or none.
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

/// Whether a path stands for what takes bytes and is no file: a device, a pipe, a socket, `/dev/stdout`.
package func isStream(_ url: URL) -> Bool {
  switch try? WriteTarget(url.path) {
  case .stream, .descriptor: true
  case .file, nil: false
  }
}

/// A file, or nothing yet. A folder counts, too: the system's refusal to rename over it says what is wrong.
private func isReplaceable(_ path: String) -> Bool {
  var status = stat()
  return lstat(path, &status) != 0 || [S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT)
}

/// The folder of a path and the name in it.
func splitPath(_ path: String) -> (folder: String, name: String) {
  guard let slash = path.lastIndex(of: "/") else { return (".", path) }
  return (slash == path.startIndex ? "/" : String(path[..<slash]), String(path[path.index(after: slash)...]))
}

/// Where a symbolic link points to, nil for what is none.
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
