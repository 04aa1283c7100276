import Foundation

/// How long to wait for the reader of a pipe, in microseconds. A shell starts both ends at once, in any
/// order.
private let patience: (tries: Int, pause: UInt32) = (100, 50_000)

/// Opens a device, a pipe or a socket. The caller closes the descriptor.
///
/// - Throws: `AtomicFileError` if nothing reads from a pipe, even after some seconds. Waiting forever would
///   look like work.
func openStream(_ target: String, path: String) throws -> Int32 {
  var attempt = 1
  while true {
    let file = open(target, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    if file >= 0 {
      // After opening, a write waits for a slow reader.
      let flags = fcntl(file, F_GETFL)
      if flags >= 0 { _ = fcntl(file, F_SETFL, flags & ~O_NONBLOCK) }
      return file
    }
    let code = errno
    guard code == EINTR || code == ENXIO && isPipe(target), attempt < patience.tries else {
      throw AtomicFileError(path: path, step: .openStream, code: code)
    }
    attempt += 1
    usleep(patience.pause)
  }
}

/// A copy of a descriptor that this process has open. The caller closes the copy.
func copyDescriptor(_ descriptor: Int32, path: String) throws -> Int32 {
  let file = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
  guard file >= 0 else { throw AtomicFileError(path: path, step: .openStream, code: errno) }
  return file
}

private func isPipe(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
}
