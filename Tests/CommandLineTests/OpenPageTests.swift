import Foundation
import TestSupport
import Testing

@Suite("report --open")
struct OpenPageTests {
  /// A folder with a study of one run, and a browser that notes its arguments in the file `seen` and ends with a code.
  private func withStudy(_ body: (URL) throws -> Void) throws {
    try withFolder { folder in
      let made = try Program.run(Program.oneRun + ["--output", "a study"], in: folder)
      #expect(made.code == 0, "\(made.error)")
      try body(folder)
    }
  }

  private func browser(_ name: String, ending code: Int, in folder: URL) throws -> String {
    let file = folder.appendingPathComponent(name)
    try Data("#!/bin/sh\necho \"$@\" >\"\(folder.path)/seen\"\nexit \(code)\n".utf8).write(to: file)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
    return file.path
  }

  private func open(_ folder: URL, _ environment: [String: String]) throws -> Program.Outcome {
    let none = ["BROWSER": "", "DISPLAY": "", "WAYLAND_DISPLAY": "", "PATH": folder.path]
    return try Program.run(
      ["report", "a study", "--open"], in: folder, environment: none.merging(environment) { $1 })
  }

  @Test("the page is handed to the first browser that is installed, in the place that its command names")
  func opened() throws {
    try withStudy { folder in
      let good = try browser("good", ending: 0, in: folder)
      let seen = folder.appendingPathComponent("seen")
      for (browsers, before, after) in [
        (good, "", ""), ("nowhere:good", "", ""), ("\(good) --new %s last:nowhere", "--new ", " last"),
      ] {
        let outcome = try open(folder, ["BROWSER": browsers])
        #expect(outcome.code == 0 && outcome.errorLines.isEmpty, "\(outcome.error)")
        #expect(outcome.output.contains("Page:"))
        let address = folder.appendingPathComponent("a study/report.html").absoluteString
        #expect(try String(contentsOf: seen, encoding: .utf8) == "\(before)\(address)\(after)\n")
        #expect(address.contains("a%20study"))
      }
      _ = try browser("xdg-open", ending: 0, in: folder)
      try FileManager.default.removeItem(at: seen)
      #expect(try open(folder, ["DISPLAY": ":0"]).errorLines.isEmpty)
      #expect(try String(contentsOf: seen, encoding: .utf8).hasPrefix("file:///"))
    }
  }

  @Test(
    "without a browser, without a display and with a browser that fails a line says so, and the report is made"
  )
  func notOpened() throws {
    try withStudy { folder in
      func expectLine(_ words: String, _ environment: [String: String]) throws {
        let outcome = try open(folder, environment)
        #expect(outcome.code == 0 && outcome.output.contains("Page:"), "\(outcome.error)")
        #expect(outcome.errorLines.count == 1 && outcome.error.contains(words), "\(outcome.error)")
        #expect(outcome.error.contains("open \(folder.path)/a study/report.html in a browser"))
      }
      try expectLine(
        "neither $BROWSER nor xdg-open names a program that is installed", ["BROWSER": "nowhere"])
      let bad = try browser("bad", ending: 3, in: folder)
      try expectLine("\(bad) ended with 3", ["BROWSER": bad])
      _ = try browser("xdg-open", ending: 0, in: folder)
      try expectLine("there is no display", [:])
    }
  }
}
