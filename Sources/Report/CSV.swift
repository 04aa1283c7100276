import AtomicFile
import Foundation

/// Comma-separated values as RFC 4180 has them, but for line ends of one newline. An empty field is "nothing".
struct CSV {
  var header: [String]
  var rows: [[Field]] = []

  init(_ header: [String]) {
    self.header = header
  }

  mutating func append(_ row: [Field]) {
    rows.append(row)
  }

  /// Numbers are written so that they read back to the same bits.
  var text: String {
    ([header.map { Field($0) }] + rows)
      .map { row in row.map(\.quoted).joined(separator: ",") + "\n" }.joined()
  }

  /// Writes the file whole or not at all.
  func write(to url: URL) throws {
    try writeAtomically(Data(text.utf8), to: url)
  }

  struct Field: ExpressibleByStringLiteral {
    var text: String

    init(_ text: String?) { self.text = text ?? "" }
    init(_ value: Int?) { text = value.map(String.init) ?? "" }
    init(_ value: Double?) { text = value.map { "\($0)" } ?? "" }
    init(_ value: Bool) { text = value ? "true" : "false" }
    init(stringLiteral text: String) { self.text = text }

    var quoted: String {
      guard text.contains(where: { ",\"\r\n".contains($0) }) else { return text }
      return "\"\(text.replacing("\"", with: "\"\""))\""
    }
  }
}
