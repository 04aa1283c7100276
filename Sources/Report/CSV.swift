import AtomicFile
import Foundation

/// Comma-separated values as in RFC 4180, except that lines end with a single newline. A missing value is an empty
/// field.
struct CSV {
  var header: [String]
  var rows: [[Field]] = []

  init(_ header: [String]) {
    self.header = header
  }

  mutating func append(_ row: [Field]) {
    rows.append(row)
  }

  /// The text of the file. Numbers are written with enough digits to read back the same bits.
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

    /// By scalars: as characters, a quotation mark with an accent is no quotation mark, and CR LF is one line end.
    var quoted: String {
      guard text.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else {
        return text
      }
      return "\"\(text.unicodeScalars.map { $0 == "\"" ? "\"\"" : String($0) }.joined())\""
    }
  }
}
