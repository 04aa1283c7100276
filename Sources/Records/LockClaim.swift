import Foundation

/// A claim on a study folder, for file systems without locks: a file that names the process using the folder.
///
/// The file is `.lock.claim`. Only one process can create it, and it is deleted when this value is released.
/// If the process was killed, its claim remains. Another process takes the claim over if the named process
/// ran on this machine and has ended. For a process on another machine that is unknown, and the error names
/// the file to delete.
final class LockClaim: Sendable {
  /// The process that holds a folder.
  struct Holder: Codable, Equatable {
    var host: String
    var process: Int32
    /// When the process started, in clock ticks of the system; nil if unknown. It detects that the process
    /// number was reused.
    var started: String?

    static func current() -> Holder {
      Holder(host: ProcessInfo.processInfo.hostName, process: getpid(), started: startTime(of: getpid()))
    }

    var description: String { "process \(process) on \(host)" }

    /// Whether the process has certainly ended.
    var hasEnded: Bool {
      guard host == ProcessInfo.processInfo.hostName else { return false }
      if kill(process, 0) != 0, errno == ESRCH { return true }
      guard let started, let now = Self.startTime(of: process) else { return false }
      return started != now
    }

    /// When a process started: field 22 of its `stat` file. Field 2 is a name in parentheses that can contain
    /// any character.
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

  /// - Throws: `RecordError.claimed` if another process holds the folder, `.folder` if the file cannot be
  ///   created.
  static func take(_ folder: StudyFolder) throws -> LockClaim {
    let file = file(of: folder)
    let own = try RecordCoding.encode(Holder.current())
    if try make(file, own, folder) { return LockClaim(file) }
    try refuse(folder)
    // The process that made the claim has ended. If several processes take it over at once, the last one
    // keeps it.
    unlink(file.path)
    guard try make(file, own, folder) else { throw claimed(folder, by: nil) }
    usleep(100_000)
    guard (try? Data(contentsOf: file)) == own else { throw claimed(folder, by: nil) }
    return LockClaim(file)
  }

  /// - Returns: whether the file was created; false if it already exists.
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

  /// - Throws: `RecordError.claimed` if a process holds the folder by a claim, or may do so.
  static func refuse(_ folder: StudyFolder) throws {
    let file = file(of: folder)
    guard try FileKind.of(file) != nil else { return }
    // The file is empty between its creation and its writing, and possibly after a power failure.
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
