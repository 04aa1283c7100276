import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A study folder held by this process. The lock ends with the value, or with the process however that ends: it is
/// the kernel's (`flock`), so a killed study leaves nothing to clean up.
package final class FolderLock: Sendable {
  private let descriptor: Int32

  /// - Throws: `RecordError.locked` where another holds the folder, `.folder` where locking is impossible.
  init(_ folder: StudyFolder) throws {
    // Closed on exec, or a child process would hold the folder after us.
    let descriptor = open(folder.lockFile.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw RecordError.folder(path: folder.url.path, reason: "can't lock it: \(systemReason(errno: errno))")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      let holder = Self.readProcess(descriptor)
      close(descriptor)
      guard code == EWOULDBLOCK else {
        throw RecordError.folder(
          path: folder.url.path, reason: "can't lock it: \(systemReason(errno: code))")
      }
      throw RecordError.locked(folder: folder.url.path, process: holder)
    }
    self.descriptor = descriptor
    Self.writeProcess(descriptor)
  }

  deinit {
    // Closing ends the lock. The file stays: removing it would let two processes lock two files of one name.
    close(descriptor)
  }

  // The holder's number only makes the message better, so failing to keep it is no error.

  private static func writeProcess(_ descriptor: Int32) {
    let text = Array("\(getpid())\n".utf8)
    guard ftruncate(descriptor, 0) == 0 else { return }
    _ = pwrite(descriptor, text, text.count, 0)
  }

  private static func readProcess(_ descriptor: Int32) -> Int? {
    var bytes = [UInt8](repeating: 0, count: 32)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    guard count > 0 else { return nil }
    return Int(
      String(decoding: bytes[..<count], as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
  }
}

extension StudyFolder {
  /// Makes the folder where it is missing and holds it until the returned value goes away.
  package func lock() throws -> FolderLock {
    try create()
    return try FolderLock(self)
  }
}
