import Errors
import Foundation
import TestSupport
import Testing

@testable import Records

@Suite("Records that cannot be read")
struct DamagedRecordTests {
  private func read(_ text: String, change: (String) -> Void = { _ in }) throws -> RecordError? {
    try withFolder { folder in
      let file = folder.appendingPathComponent("run.json")
      try Data(text.utf8).write(to: file)
      let error = #expect(throws: RecordError.self) { try RunRecord.read(from: file) }
      change(file.path)
      #expect(error?.description.contains(file.path) == true)
      #expect(error?.description.contains("\n") == false)
      return error
    }
  }

  @Test("names and values with control characters are written out where they are explained")
  func explanation() throws {
    let text = #"{"a\u0000b": "x", "c\u001b": 1}"#
    let error = try #require(throws: DecodingError.self) {
      try RecordCoding.decode([String: [String]].self, from: Data(text.utf8))
    }
    let line = RecordCoding.explain(error)
    #expect(line.contains("a\\0b") || line.contains("c\\u{1B}"))
    #expect(line == line.singleLine)
  }

  @Test("a truncated, an empty and a foreign file are damaged, and the message says what to do")
  func damaged() throws {
    let whole = String(decoding: try RecordCoding.encode(Examples.record), as: UTF8.self)
    for text in ["", "{", "[]", "null", "{}", String(whole.prefix(whole.count / 2))] {
      let error = try #require(try read(text))
      guard case .damaged(let file, _) = error else {
        Issue.record("\(error)")
        continue
      }
      #expect(error.description.contains(": delete \(file) or choose another folder"))
    }
  }

  @Test("a key that is missing or of the wrong type is named")
  func named() throws {
    let whole = String(decoding: try RecordCoding.encode(Examples.record), as: UTF8.self)
    let missing = try read(whole.replacing("\"in_window\"", with: "\"in_windows\""))
    #expect(missing?.description.contains("ood.in_window is missing") == true)
    let wrong = try read(whole.replacing("\"class\" : \"hero\"", with: "\"class\" : \"villain\""))
    #expect(wrong?.description.contains("components.0.class") == true)
  }

  @Test("a record of another schema is not reported as damaged")
  func schema() throws {
    guard case .unknownSchema(_, let found, let known) = try read(#"{"schema": 7, "anything": []}"#) else {
      Issue.record("another error")
      return
    }
    #expect(found == 7 && known == 1)
  }

  @Test("a file that does not exist is unreadable")
  func absent() throws {
    try withFolder { folder in
      let file = folder.appendingPathComponent("run.json")
      #expect(throws: RecordError.unreadable(file: file.path, reason: "no such file or directory")) {
        try RunRecord.read(from: file)
      }
    }
  }

  @Test(
    "a record that was changed after it was written is damaged, whatever was changed; indentation may change")
  func checksum() throws {
    try withFolder { folder in
      let file = folder.appendingPathComponent("run.json")
      try Examples.record.write(to: file)
      let text = try String(contentsOf: file, encoding: .utf8)
      #expect(try RunRecord.read(from: file) == Examples.record)
      #expect(text.contains("\n  \"checksum\" : \""))
      for (from, to) in [
        ("\"seed\" : ", "\"seed\" : 1"), ("\"heroes\"", "\"Heroes\""),
        ("\"class\" : \"hero\"", "\"class\" : \"bloat\""),
        ("\"checksum\" : \"", "\"checksum\" : \"0"),
      ] {
        #expect(text.contains(from))
        try Data(text.replacing(from, with: to).utf8).write(to: file)
        let error = #expect(throws: RecordError.self) { try RunRecord.read(from: file) }
        #expect(error?.description.contains("checksum: it does not match") == true)
      }
      let lines = text.split(separator: "\n").map { $0.drop { $0 == " " } }
      for same in [
        lines.joined(separator: "\r\n\t"), lines.joined(),
        lines.filter { !$0.hasPrefix("\"checksum\"") }.joined(separator: "\n"),
      ] {
        try Data(same.utf8).write(to: file)
        #expect(try RunRecord.read(from: file) == Examples.record)
      }
    }
  }

  @Test("every bit of a record that flips is noticed, or changes nothing")
  func flips() throws {
    let whole = try RecordCoding.encodeWithChecksum(["a": [0.5, 1], "checksu": [2], "text {\\\"}": [3]])
    let value = try RecordCoding.decode([String: Flexible].self, from: whole)
    for place in whole.indices {
      for bit in 0..<8 {
        var damaged = whole
        damaged[place] ^= 1 << UInt8(bit)
        guard var found = try? RecordCoding.decodeChecked([String: Flexible].self, from: damaged) else {
          continue
        }
        // Its own key may suffer: then the file is one without a checksum.
        found = found.filter { value[$0.key] != nil && $0.key != "checksum" }
        #expect(found == value.filter { $0.key != "checksum" }, "byte \(place), bit \(bit)")
      }
    }
  }

  private enum Flexible: Decodable, Equatable {
    case text(String)
    case numbers([Double])

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let text = try? container.decode(String.self) {
        self = .text(text)
      } else {
        self = .numbers(try container.decode([Double].self))
      }
    }
  }
}
