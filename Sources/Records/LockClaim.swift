import Foundation
import Synchronization

/// A folder held by a file that says who holds it, for file systems without locks.
///
/// The file is `.lock.claim`; only one process can make it. It goes away with the value. While it is held, its process
/// changes a number in it every `beatInterval`. A process that has watched a claim for `patience` and saw no change takes
/// it for abandoned: both spans are measured by one clock each, so nothing depends on two clocks agreeing. A process of
/// this machine that has ended is recognised at once.
package final class LockClaim: Sendable {
  /// The seconds between two beats.
  static let beatInterval = 10.0
  /// The seconds without a beat after which a claim counts as abandoned.
  static let patience = 60.0

  /// Whether claims are to be used in addition to locks that seem to work: on a network file system whose locks are local
  /// to each machine (`nolock`, `local_lock=flock`, `localflock`), locks do not keep other machines out.
  ///
  /// - Throws: `RecordError.setting` for a value of `CAUSALGAP_LOCKS` that means nothing.
  static func isDemanded(
    _ environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws -> Bool {
    switch environment["CAUSALGAP_LOCKS"] {
    case nil, "": return false
    case "claims": return true
    case let value?: throw RecordError.setting("CAUSALGAP_LOCKS must be 'claims' or not set, not '\(value)'")
    }
  }

  private let file: URL
  private let descriptor: Int32
  private let holder: Holder
  private let beats = Atomic<Int>(0)
  private let isClosed = Mutex(false)

  private init(_ file: URL, _ descriptor: Int32, _ holder: Holder) {
    self.file = file
    self.descriptor = descriptor
    self.holder = holder
    ClaimHeart.shared.add(self)
  }

  deinit {
    if !isLost { unlink(file.path) }
    isClosed.withLock { isClosed in
      isClosed = true
      close(descriptor)
    }
  }

  /// Whether another process has taken the folder since.
  var isLost: Bool {
    var (own, there) = (stat(), stat())
    guard fstat(descriptor, &own) == 0 else { return true }
    // A server that does not answer now says nothing about who holds the folder.
    guard stat(file.path, &there) == 0 else { return errno == ENOENT }
    return (own.st_ino, own.st_dev) != (there.st_ino, there.st_dev)
  }

  /// Changes the number in the file.
  func beat() {
    isClosed.withLock { isClosed in
      guard !isClosed else { return }
      let count = beats.add(1, ordering: .relaxed).newValue
      guard let text = try? holder.text(beat: count) else { return }
      _ = text.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
      _ = fsync(descriptor)
    }
  }

  /// - Throws: `RecordError.claimed` where another holds the folder, `.folder` where the file can't be made.
  static func take(_ folder: StudyFolder) throws -> LockClaim {
    let file = file(of: folder)
    if let claim = try make(file, folder) { return claim }
    // An abandoned claim is moved away: that succeeds for one process only.
    let found = try abandoned(folder)
    let number = String(UInt64.random(in: .min ... .max), radix: 36)
    let aside = folder.url.appendingPathComponent(".lock.claim.\(number).tmp")
    guard rename(file.path, aside.path) == 0 else { throw claimed(folder, by: nil) }
    guard try read(aside) == found else {
      // Another was faster, and this is its claim: it gets it back.
      link(aside.path, file.path)
      unlink(aside.path)
      throw claimed(folder, by: nil)
    }
    unlink(aside.path)
    guard let claim = try make(file, folder) else { throw claimed(folder, by: nil) }
    return claim
  }

  /// - Returns: nil where the file exists already.
  private static func make(_ file: URL, _ folder: StudyFolder) throws -> LockClaim? {
    func failure(_ code: Int32) -> RecordError {
      .folder(path: folder.url.path, reason: "can't lock it: \(systemReason(errno: code))")
    }
    let holder = Holder.current()
    let text = try holder.text(beat: 0)
    let descriptor = open(file.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      if errno == EEXIST { return nil }
      throw failure(errno)
    }
    guard text.withUnsafeBytes({ write(descriptor, $0.baseAddress, $0.count) }) == text.count else {
      let code = errno
      unlink(file.path)
      close(descriptor)
      throw failure(code)
    }
    _ = fsync(descriptor)
    return LockClaim(file, descriptor, holder)
  }

  /// - Throws: `RecordError.claimed` where a process holds the folder by a claim, or may do so.
  static func refuse(_ folder: StudyFolder) throws {
    guard try FileKind.of(file(of: folder)) != nil else { return }
    _ = try abandoned(folder)
  }

  /// The text of an abandoned claim.
  ///
  /// - Throws: `RecordError.claimed` where its process may still be there.
  private static func abandoned(_ folder: StudyFolder) throws -> Data {
    let file = file(of: folder)
    // Empty for the moment between its making and its writing, and after a machine has lost power.
    let text = try read(file)
    let holder = Holder(text: text)
    if holder?.hasEnded == true || ClaimWatch.shared.isSilent(file.path, text) { return text }
    throw claimed(folder, by: holder)
  }

  private static func read(_ file: URL) throws -> Data { (try? Data(contentsOf: file)) ?? Data() }

  private static func claimed(_ folder: StudyFolder, by holder: Holder?) -> RecordError {
    .claimed(
      folder: folder.url.path, holder: holder?.description ?? "an unknown process",
      file: file(of: folder).path)
  }

  static func file(of folder: StudyFolder) -> URL { folder.url.appendingPathComponent(".lock.claim") }
}
