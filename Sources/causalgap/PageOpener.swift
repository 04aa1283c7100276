import Foundation

/// Opens a page in a browser: that of `$BROWSER`, or the desktop's own by `xdg-open`.
///
/// Whatever goes wrong is one line and no error: the page is there anyway.
struct PageOpener {
  /// How long a browser may take to say that it cannot start.
  private static let patience = 2.0

  var environment = ProcessInfo.processInfo.environment

  func open(_ page: URL) {
    do {
      guard FileManager.default.fileExists(atPath: page.path) else {
        throw Obstacle(reason: "there is no page \(page.path)")
      }
      let words = try command(for: page.absoluteString)
      let browser = Process()
      browser.executableURL = URL(fileURLWithPath: words[0])
      browser.arguments = Array(words.dropFirst())
      browser.standardInput = FileHandle.nullDevice
      browser.standardOutput = FileHandle.nullDevice
      browser.standardError = FileHandle.nullDevice
      do { try browser.run() } catch { throw Obstacle(reason: "\(words[0]) does not start") }
      // Some end when the page is shown, some when their window is closed.
      let limit = Date().addingTimeInterval(Self.patience)
      while browser.isRunning, Date() < limit { usleep(10_000) }
      if !browser.isRunning, browser.terminationStatus != 0 {
        throw Obstacle(reason: "\(words[0]) ended with \(browser.terminationStatus)")
      }
    } catch {
      complain("report: the page was not opened: \(error); open \(page.path) in a browser")
    }
  }

  private struct Obstacle: Error, CustomStringConvertible {
    let reason: String
    var description: String { reason }
  }

  /// The program and its arguments.
  ///
  /// `$BROWSER` is a list of commands with colons between them, of which the first that is installed counts; in a command, `%s` stands for
  /// the address.
  private func command(for address: String) throws -> [String] {
    for command in (environment["BROWSER"] ?? "").split(separator: ":") {
      var words = command.split(separator: " ").map(String.init)
      guard let name = words.first, let program = installed(name) else { continue }
      words[0] = program
      guard command.contains("%s") else { return words + [address] }
      return words.map { $0.replacing("%s", with: address) }
    }
    guard let program = installed("xdg-open") else {
      throw Obstacle(reason: "neither $BROWSER nor xdg-open names a program that is installed")
    }
    guard ["DISPLAY", "WAYLAND_DISPLAY"].contains(where: { environment[$0]?.isEmpty == false }) else {
      throw Obstacle(reason: "there is no display")
    }
    return [program, address]
  }

  /// The path of a program.
  private func installed(_ name: String) -> String? {
    let folders =
      name.contains("/") ? [""] : (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/" }
    return folders.map { $0 + name }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }
}
