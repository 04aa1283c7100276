import Foundation

extension LockClaim {
  /// Who holds a folder.
  package struct Holder: Codable, Equatable {
    var host: String
    /// The machine since its last start, and the space that its process numbers are from: two containers may have one host
    /// name and count their processes each for itself. Nil where unknown.
    var machine: String?
    var process: Int32
    /// When the process started, in the system's ticks: its number may be another's by now. Nil where unknown.
    var started: String?
    /// Tells the claims of one process apart, so that no claim is mistaken for an older one.
    var token: UInt32?
    /// Changes while the process lives.
    var beat: Int?

    static func current() -> Holder {
      Holder(
        host: ProcessInfo.processInfo.hostName, machine: thisMachine, process: getpid(),
        started: startTime(of: getpid()), token: .random(in: .min ... .max))
    }

    init(host: String, machine: String? = nil, process: Int32, started: String?, token: UInt32? = nil) {
      (self.host, self.machine, self.process) = (host, machine, process)
      (self.started, self.token) = (started, token)
    }

    private static let thisMachine: String? = {
      guard let start = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8),
        let space = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")
      else { return nil }
      return start.trimmingCharacters(in: .whitespacesAndNewlines) + " " + space
    }()

    /// Nil for a text that is no claim.
    package init?(text: Data) {
      guard let holder = try? RecordCoding.decode(Holder.self, from: text) else { return nil }
      self = holder
    }

    /// The text of the file; it never becomes shorter, so it can be written over the one before.
    func text(beat: Int) throws -> Data {
      var holder = self
      holder.beat = 1_000_000_000 + beat
      return try RecordCoding.encode(holder)
    }

    var description: String { "process \(process) on \(host)" }

    /// Whether it has certainly ended.
    var hasEnded: Bool {
      guard host == ProcessInfo.processInfo.hostName, machine == nil || machine == Self.thisMachine else {
        return false
      }
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
}
