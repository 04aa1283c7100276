import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The lock of a study folder, held by this process. It ends with the value, or with the process, however
/// that ends: it is a lock of the operating system (`flock`), so a killed study leaves nothing to clean up.
///
/// Some file systems have no such locks (Lustre by default, some NFS and FUSE). There a file that only one process can
/// make takes their place: a `LockClaim`.
package final class FolderLock: Sendable {
  private let descriptor: Int32
  private let claim: LockClaim?

  /// - Throws: `RecordError.locked` or `.claimed` where another holds the folder, `.folder` where locking is impossible.
  convenience init(_ folder: StudyFolder) throws {
    try self.init(folder) { flock($0, LOCK_EX | LOCK_NB) }
  }

  /// As above with the system's `flock` as a parameter, so that a test can do without.
  init(_ folder: StudyFolder, flock: (Int32) -> Int32) throws {
    // Closed on exec, because otherwise a child process would keep the folder locked.
    let descriptor = open(folder.lockFile.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw RecordError.folder(path: folder.url.path, reason: "can't lock it: \(systemReason(errno: errno))")
    }
    do {
      claim = try Self.hold(descriptor, folder, flock)
    } catch {
      close(descriptor)
      throw error
    }
    self.descriptor = descriptor
    Self.writeProcess(descriptor)
  }

  /// - Returns: What holds the folder where the file system has no locks.
  private static func hold(
    _ descriptor: Int32, _ folder: StudyFolder, _ flock: (Int32) -> Int32
  ) throws -> LockClaim? {
    while flock(descriptor) != 0 {
      switch errno {
      case EINTR: continue
      case EWOULDBLOCK:
        throw RecordError.locked(folder: folder.url.path, process: readProcess(descriptor))
      case ENOSYS, ENOTSUP, EOPNOTSUPP, ENOLCK, EINVAL: return try LockClaim.take(folder)
      default:
        throw RecordError.folder(
          path: folder.url.path, reason: "can't lock it: \(systemReason(errno: errno))")
      }
    }
    // A process that found no locks may hold it, from a machine that mounts the folder otherwise.
    try LockClaim.refuse(folder)
    return nil
  }

  deinit {
    // Closing the file releases the lock. The file stays, because removing it would let two processes lock
    // two files of the same name.
    close(descriptor)
  }

  // The process number only improves the message, so failing to write it is not an error.

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
  /// Makes the folder if it is missing, and locks it until the returned value is released.
  package func lock() throws -> FolderLock {
    try create()
    return try FolderLock(self)
  }
}
