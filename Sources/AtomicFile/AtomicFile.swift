import Foundation

/// Writes `data` to the file at `url`, whole or not at all.
///
/// The bytes go to a temporary file in the same folder, are flushed to the disk, and the file is then renamed over
/// `url`; at last the folder is flushed. A reader, or a machine that loses power, finds the old file or the new
/// one and never a part. An existing file is replaced, and its permissions become those of a new file.
///
/// A symbolic link remains, and the file that it points to is replaced. A device node, a pipe or a socket
/// remains too. It receives the bytes, and a failed write may have delivered some of them.
///
/// ```swift
/// try writeAtomically(Data("{}".utf8), to: folder.appendingPathComponent("summary.json"))
/// ```
///
/// - Throws: `AtomicFileError`, which names the path, the failed step and the system's reason. The temporary
///   file has then been removed, and an old file is unchanged. Only if the very last step fails is the new
///   file in place, but possibly not yet on the disk.
package func writeAtomically(_ data: Data, to url: URL) throws {
  try writeAtomically([data], to: url)
}

/// Writes pieces in order to a file in the same way, without first copying them into one block.
package func writeAtomically(_ pieces: [Data], to url: URL) throws {
  try writeAtomically(pieces, to: url, write: systemWrite)
}

/// Writes a file as above, of pieces that are made one after the other: what is large need not be in memory.
///
/// - Parameter produce: Hands every piece to the function that it receives. If it throws, nothing is written.
package func writeAtomically(to url: URL, _ produce: Producer) throws {
  try writeAtomically(to: url, write: systemWrite, produce)
}

/// Makes the content of a file, a piece at a time.
package typealias Producer = (_ take: (Data) throws -> Void) throws -> Void
private typealias SystemWrite = (_ file: Int32, _ bytes: UnsafeRawBufferPointer) -> Int

private func systemWrite(_ file: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
  write(file, bytes.baseAddress, bytes.count)
}

/// The same, with the system's `write` as a parameter, so that a test can simulate a full disk.
func writeAtomically(
  _ pieces: [Data], to url: URL,
  write: @escaping (_ file: Int32, _ bytes: UnsafeRawBufferPointer) -> Int
) throws {
  try writeAtomically(to: url, write: write) { take in for piece in pieces { try take(piece) } }
}

private func writeAtomically(to url: URL, write: @escaping SystemWrite, _ produce: Producer) throws {
  guard url.isFileURL else {
    throw AtomicFileError(path: url.absoluteString, step: .open, code: EINVAL)
  }
  let path = url.path
  let stream: Int32
  switch try WriteTarget(path) {
  case .file(let target): return try replace(target, path: path, write: write, produce)
  case .stream(let target): stream = try openStream(target, path: path)
  case .descriptor(let descriptor): stream = try copyDescriptor(descriptor, path: path)
  }
  defer { _ = close(stream) }
  try produce { try writeAll($0, to: stream, path: path, write: write) }
}

/// - Parameter path: the path as the caller gave it, for errors.
private func replace(_ target: String, path: String, write: @escaping SystemWrite, _ produce: Producer) throws
{
  let (folder, name) = splitPath(target)
  let suffix = String(UInt64.random(in: .min ... .max), radix: 36)
  // Only a short prefix of the name, because the temporary name must not exceed the system's limit when the
  // name itself does not.
  let temporary = "\(folder)/.\(name.prefix(32)).\(suffix).tmp"

  let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
  guard file >= 0 else { throw AtomicFileError(path: path, step: .open, code: errno) }
  var isOpen = true
  do {
    try produce { try writeAll($0, to: file, path: path, write: write) }
    guard fsync(file) == 0 else { throw AtomicFileError(path: path, step: .flush, code: errno) }
    isOpen = false
    guard close(file) == 0 else { throw AtomicFileError(path: path, step: .flush, code: errno) }
    guard rename(temporary, target) == 0 else {
      throw AtomicFileError(path: path, step: .rename, code: errno)
    }
  } catch {
    if isOpen { _ = close(file) }
    _ = unlink(temporary)
    throw error
  }
  try flushFolder(folder, path: path)
}

private func writeAll(
  _ data: Data, to file: Int32, path: String, write: SystemWrite
) throws {
  try data.withUnsafeBytes { bytes in
    var done = 0
    while done < bytes.count {
      // Linux writes at most 2³¹ − 4096 bytes per call.
      let end = min(bytes.count, done + 1 << 30)
      let written = write(file, UnsafeRawBufferPointer(rebasing: bytes[done..<end]))
      if written > 0 {
        done += written
      } else if written == 0 {
        throw AtomicFileError(path: path, step: .write, code: ENOSPC)
      } else if errno != EINTR {
        throw AtomicFileError(path: path, step: .write, code: errno)
      }
    }
  }
}

/// Makes sure that the names in a folder are on the disk.
///
/// - Parameter path: What is being written, for errors.
func flushFolder(_ folder: String, path: String) throws(AtomicFileError) {
  let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard descriptor >= 0 else {
    // A folder may be writable but not readable. Then it cannot be opened to be flushed.
    if errno == EACCES { return }
    throw AtomicFileError(path: path, step: .flushFolder, code: errno)
  }
  defer { _ = close(descriptor) }
  // Some network file systems cannot flush a folder and report EINVAL or ENOTSUP. One that is read-only has nothing to
  // flush.
  guard fsync(descriptor) == 0 || [EINVAL, ENOTSUP, EROFS].contains(errno) else {
    throw AtomicFileError(path: path, step: .flushFolder, code: errno)
  }
}
