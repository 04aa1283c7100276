import Foundation
import Synchronization

/// The error stream: lines for people and, on a terminal, a bar below them that is redrawn in place.
enum Console {
  private static let isBarShown = Mutex(false)

  /// Whether a line can be redrawn, which needs a capable terminal.
  static let drawsBars: Bool = {
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

/// Writes a line for people to the error stream, so that the standard output has only the result.
func say(_ line: String) { Console.line(line) }
