import Foundation

/// A study folder held by a file that says who holds it, where the file system has no locks.
///
/// The file is `.lock.claim`; making it succeeds for one process only. It goes away with the value. What a killed
/// process left behind is taken over where it ran on this machine and runs no more; of another machine's process that
/// can't be told, and the error says which file to delete.
final class LockClaim: Sendable {
  /// Who holds a folder.
  struct Holder: Codable, Equatable {
    var host: String
    var process: Int32
    /// When the process started, in the system's ticks: its number may be another's by now. Nil where unknown.
    var started: String?

    static func current() -> Holder {
      Holder(host: ProcessInfo.processInfo.hostName, process: getpid(), started: startTime(of: getpid()))
    }

    var description: String { "process \(process) on \(host)" }

    /// Whether it has certainly ended.
    var hasEnded: Bool {
      guard host == ProcessInfo.processInfo.hostName else { return false }
      if kill(process, 0) != 0, errno == ESRCH { return true }
      guard let started, let now = Self.startTime(of: process) else { return false }
      return started != now
    }

    /// The 22nd field of the process's `stat`; the second is a name in brackets that may hold anything.
    static func startTime(of process: Int32) -> String? {
      guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
        let end = text.lastIndex(of: ")")
      else { return nil }
      let fields = text[text.index(after: end)...].split(separator: " ")
      return fields.count > 19 ? String(fields[19]) : nil
    }
  }

  private let file: URL

  private init(_ file: URL) { self.file = file }

  deinit { unlink(file.path) }

  /// - Throws: `RecordError.claimed` where another holds the folder, `.folder` where the file can't be made.
  static func take(_ folder: StudyFolder) throws -> LockClaim {
    let file = file(of: folder)
    let own = try RecordCoding.encode(Holder.current())
    if try make(file, own, folder) { return LockClaim(file) }
    try refuse(folder)
    // Left behind by a process that has ended. Another may take it over at the same moment: the last to do so has it.
    unlink(file.path)
    guard try make(file, own, folder) else { throw claimed(folder, by: nil) }
    usleep(100_000)
    guard (try? Data(contentsOf: file)) == own else { throw claimed(folder, by: nil) }
    return LockClaim(file)
  }

  /// - Returns: Whether the file was made; false where it is there already.
  private static func make(_ file: URL, _ text: Data, _ folder: StudyFolder) throws -> Bool {
    let descriptor = open(file.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      if errno == EEXIST { return false }
      throw RecordError.folder(path: folder.url.path, reason: "can't lock it: \(systemReason(errno: errno))")
    }
    defer { close(descriptor) }
    guard text.withUnsafeBytes({ write(descriptor, $0.baseAddress, $0.count) }) == text.count else {
      let reason = systemReason(errno: errno)
      unlink(file.path)
      throw RecordError.folder(path: folder.url.path, reason: "can't lock it: \(reason)")
    }
    return true
  }

  /// - Throws: `RecordError.claimed` where a process holds the folder this way, or may do so.
  static func refuse(_ folder: StudyFolder) throws {
    let file = file(of: folder)
    guard try FileKind.of(file) != nil else { return }
    // Empty for the moment between its making and its writing, and after a machine has lost power.
    let data = (try? Data(contentsOf: file)) ?? Data()
    let holder = try? RecordCoding.decode(Holder.self, from: data)
    if let holder, holder.hasEnded { return }
    throw claimed(folder, by: holder)
  }

  private static func claimed(_ folder: StudyFolder, by holder: Holder?) -> RecordError {
    .claimed(
      folder: folder.url.path, holder: holder?.description ?? "an unknown process",
      file: file(of: folder).path)
  }

  static func file(of folder: StudyFolder) -> URL { folder.url.appendingPathComponent(".lock.claim") }
}
