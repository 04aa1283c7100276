import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The lock of a study folder, held by this process. It is a lock of the operating system (`flock`), released
/// when this value is released or when the process ends in any way. A killed study therefore leaves nothing
/// to clean up.
///
/// Some file systems have no such locks (Lustre by default, some NFS and FUSE file systems). There a
/// `LockClaim` is used instead: a file that only one process can create.
package final class FolderLock: Sendable {
  private let descriptor: Int32
  private let claim: LockClaim?

  /// - Throws: `RecordError.locked` or `.claimed` if another process holds the folder, `.folder` if locking
  ///   is impossible.
  convenience init(_ folder: StudyFolder) throws {
    try self.init(folder) { flock($0, LOCK_EX | LOCK_NB) }
  }

  /// Locks the folder with the given `flock`, so that a test can simulate a file system without locks.
  init(_ folder: StudyFolder, flock: (Int32) -> Int32) throws {
    // O_CLOEXEC, because otherwise a child process would keep the folder locked.
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

  /// - Returns: the claim on the folder if the file system has no locks; nil if `flock` locked it.
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
    // The lock may be this machine's alone.
    if try LockClaim.isDemanded() { return try LockClaim.take(folder) }
    // A process on a machine that mounts the folder without locks may hold it by a claim.
    try LockClaim.refuse(folder)
    return nil
  }

  /// Whether another process has taken the folder, because it took this one for dead.
  package var isLost: Bool { claim?.isLost ?? false }

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
