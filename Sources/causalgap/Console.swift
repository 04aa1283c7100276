import Foundation
import Synchronization

/// The error stream: lines for people and, on a terminal, a bar below them that is redrawn in place.
enum Console {
  /// How much is said.
  enum Verbosity: Int {
    /// Errors alone.
    case quiet
    case normal
    /// What explains a result or a delay, too.
    case verbose
  }

  private static let isBarShown = Mutex(false)
  private static let chosenVerbosity = Mutex(Verbosity.normal)

  static var verbosity: Verbosity {
    get { chosenVerbosity.withLock { $0 } }
    set { chosenVerbosity.withLock { $0 = newValue } }
  }

  /// Whether bars are drawn.
  static var drawsBars: Bool { canRedraw && verbosity != .quiet }

  /// Whether a line can be redrawn, which needs a capable terminal.
  private static let canRedraw: Bool = {
    let terminal = ProcessInfo.processInfo.environment["TERM"] ?? ""
    return isatty(STDERR_FILENO) == 1 && !terminal.isEmpty && terminal != "dumb"
  }()

  /// The current width of the terminal, which its user may change at any time; 80 if it is unknown.
  static var columns: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Writes a line in the place of the bar or, without a bar, at the end.
  static func line(_ text: String) {
    isBarShown.withLock { isShown in
      write((isShown ? clear : "") + text + "\n")
      isShown = false
    }
  }

  /// Draws the bar.
  ///
  /// - Parameter text: at most one column narrower than the terminal, because a full line would start the
  ///   next one.
  static func bar(_ text: String) {
    isBarShown.withLock { isShown in
      write(clear + text)
      isShown = true
    }
  }

  /// Removes the bar, if there is one.
  static func clearBar() {
    isBarShown.withLock { isShown in
      if isShown { write(clear) }
      isShown = false
    }
  }

  private static let clear = "\r\u{1B}[K"

  /// Writes text and ignores errors: if nobody reads the stream any more, the run continues.
  private static func write(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }
}

/// Writes a line for people to the error stream, so that the standard output has only the result. `--quiet` silences it.
func say(_ line: String) {
  if Console.verbosity != .quiet { Console.line(line) }
}

/// Writes a line about something that went wrong, which nothing silences.
func complain(_ line: String) { Console.line(line) }

/// Writes a line that only `--verbose` asks for.
func explain(_ line: @autoclosure () -> String) {
  if Console.verbosity == .verbose { Console.line(line()) }
}
