import Foundation
import Synchronization

/// The error stream: lines for people, and on a terminal one bar below them that is drawn again in its place.
enum Console {
  private static let isBarShown = Mutex(false)

  /// Whether a line can be drawn again: on a terminal that knows how to.
  static let drawsBars: Bool = {
    let terminal = ProcessInfo.processInfo.environment["TERM"] ?? ""
    return isatty(STDERR_FILENO) == 1 && !terminal.isEmpty && terminal != "dumb"
  }()

  /// The width of the terminal now, whose user may change it at any time; 80 where it does not say.
  static var columns: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// A line in the bar's place, or where there is none at the end.
  static func line(_ text: String) {
    isBarShown.withLock { isShown in
      write((isShown ? clear : "") + text + "\n")
      isShown = false
    }
  }

  /// Draws the bar.
  ///
  /// - Parameter text: at most as wide as the terminal less one column: a full line would begin the next.
  static func bar(_ text: String) {
    isBarShown.withLock { isShown in
      write(clear + text)
      isShown = true
    }
  }

  private static let clear = "\r\u{1B}[K"

  /// With no one listening any more, the run goes on: the signal is ignored, and so is the error.
  private static func write(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }
}

/// A line for people: to the error stream, so that the output stays the result alone.
func say(_ line: String) { Console.line(line) }
