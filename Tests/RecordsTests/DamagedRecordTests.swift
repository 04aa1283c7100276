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
}
