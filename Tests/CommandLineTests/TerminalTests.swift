import Foundation
import Records
import TestSupport
import Testing

@Suite("Output on a terminal")
struct TerminalTests {
  private let training = ["train", "--task", "sort", "--device", "cpu", "--output", "t"] + Program.shape

  @Test("the bar stays within its line at every width", arguments: [30, 80, 200])
  func width(columns: Int) throws {
    try withFolder { folder in
      let terminal = try Terminal(training + ["--max-steps", "600"], in: folder, columns: columns)
      let (code, text) = try terminal.wait()
      #expect(code == 0)
      #expect(text.contains("step 600/600"))
      // The text drawn between two carriage returns. A full line would start the next one.
      let drawn = text.replacing("\u{1B}[K", with: "").split(whereSeparator: { $0.isNewline || $0 == "\r" })
      #expect(drawn.filter { $0.contains("/600") }.allSatisfy { $0.count < columns })
      #expect(text.contains("█") == (columns >= 80))
    }
  }

  @Test("a study of several runs says where it is and when it ends, and follows the terminal's width")
  func study() throws {
    try withFolder { folder in
      let arguments =
        ["study", "--tasks", "sort", "--seeds", "1-3", "--ensemble", "1", "--device", "cpu"] + Program.shape
        + ["--max-steps", "400", "--output", "study"]
      let terminal = try Terminal(arguments, in: folder, columns: 120)
      try terminal.resize(to: 50, after: "run 2 of 3")
      let (code, text) = try terminal.wait()
      #expect(code == 0)
      #expect(text.contains("3 of 3 runs done") && text.contains("1 of 3 runs done, about 0:"))
      let drawn = text.components(separatedBy: "\u{1B}[K").map { $0.prefix { !$0.isNewline && $0 != "\r" } }
      let bars = drawn.filter { $0.hasPrefix("run ") && $0.contains("step ") }
      #expect(bars.contains { $0.count > 80 } && bars.allSatisfy { $0.count < 120 })
      let after = bars.drop { !$0.hasPrefix("run 3") }
      #expect(!after.isEmpty && after.allSatisfy { $0.count < 50 && $0.contains(" left") }, "\(after)")
    }
  }

  @Test("a terminal that cannot redraw a line gets plain lines", arguments: ["dumb", ""])
  func dumb(name: String) throws {
    try withFolder { folder in
      let terminal = try Terminal(training + ["--max-steps", "600"], in: folder, name: name)
      let (code, text) = try terminal.wait()
      #expect(code == 0)
      #expect(!text.contains("\u{1B}") && !text.contains("█"))
      #expect(text.contains("sort, seed 42: step 500/600"))
    }
  }

  @Test("the last message of a run has its own line")
  func interrupted() throws {
    try withFolder { folder in
      let terminal = try Terminal(training + ["--max-steps", "1000000"], in: folder)
      try terminal.send(SIGINT, after: "░")
      let (code, text) = try terminal.wait()
      #expect(code == 130)
      let message = "causalgap: interrupted; the same command continues\r\n"
      // In the place of the bar, or behind another line, where one came after the last bar.
      let isLast = ["\r\u{1B}[K", "\n"].contains { text.hasSuffix($0 + message) }
      #expect(isLast, "\(text.suffix(300).debugDescription)")
    }
  }
}

/// Runs the program with a terminal as its error stream.
private final class Terminal {
  private let process = Process()
  private let master: Int32
  private var text: [UInt8] = []

  /// TIOCSPTLCK and TIOCGPTN, which the overlay lacks.
  private static let setLock: UInt = 0x4004_5431
  private static let getNumber: UInt = 0x8004_5430

  init(_ arguments: [String], in folder: URL, columns: Int = 80, name: String = "xterm") throws {
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    var (unlocked, number): (Int32, Int32) = (0, 0)
    try #require(ioctl(master, Self.setLock, &unlocked) == 0 && ioctl(master, Self.getNumber, &number) == 0)
    var size = winsize(ws_row: 24, ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    try #require(ioctl(master, UInt(TIOCSWINSZ), &size) == 0)
    let slave = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
    try #require(slave >= 0)
    process.executableURL = Program.binary
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment.merging(["TERM": name]) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle(fileDescriptor: slave, closeOnDealloc: true)
    try process.run()
    _ = fcntl(master, F_SETFL, O_NONBLOCK)
  }

  deinit { close(master) }

  /// Reads the available output. Unread output would block the program.
  private func read() -> Bool {
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = Foundation.read(master, &bytes, bytes.count)
    guard count > 0 else { return false }
    text += bytes.prefix(count)
    return true
  }

  func send(_ signal: Int32, after word: String) throws {
    if waitFor(word) { kill(process.processIdentifier, signal) }
  }

  /// Changes the number of columns, as its user does at a window's edge.
  func resize(to columns: Int, after word: String) throws {
    guard waitFor(word) else { return }
    var size = winsize(ws_row: 24, ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    try #require(ioctl(master, UInt(TIOCSWINSZ), &size) == 0)
    kill(process.processIdentifier, SIGWINCH)
  }

  private func waitFor(_ word: String) -> Bool {
    for _ in 0..<6_000 {
      while read() {}
      if String(decoding: text, as: UTF8.self).contains(word) { return true }
      usleep(5_000)
    }
    Issue.record("it never said '\(word)'")
    return false
  }

  func wait() throws -> (code: Int32, text: String) {
    for _ in 0..<12_000 where process.isRunning {
      while read() {}
      usleep(5_000)
    }
    if process.isRunning {
      Issue.record("still running")
      process.terminate()
    }
    process.waitUntilExit()
    // The system hands over the last bytes in its own time, which is long on a busy machine.
    var quiet = 0
    while quiet < 100 {
      quiet = read() ? 0 : quiet + 1
      usleep(5_000)
    }
    return (process.terminationStatus, String(decoding: text, as: UTF8.self))
  }
}
