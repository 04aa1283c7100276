import Foundation
import FuzzChecks
import Records
import Report

/// Examines a text as `run.json`. The checksum is looked at first, as the program does, and then left out, so that what
/// lies behind it is reached.
func examineRecord(_ bytes: Data) throws {
  _ = try outcome { try RunRecord(json: bytes, file: "f") }
  guard let record: RunRecord = try decoded(bytes) else { return }
  let text = try success("writing with a checksum") { try RecordCoding.encodeWithChecksum(record) }
  if record.schema == RunRecord.currentSchema {
    let again = try success("reading with a checksum") { try RunRecord(json: text, file: "f") }
    try require(try RecordCoding.encodeWithChecksum(again) == text, "the record changed")
  }
  // The dearest of the checks, for some of the inputs.
  if bytes.count.isMultiple(of: 8) { try examineReport(record) }
}

/// A report is made of any record that can be read, or refused.
private func examineReport(_ record: RunRecord) throws {
  let draws = ReportDraws(resamples: 20, permutations: 20)
  guard let summary = try outcome({ try Summary([record], draws: draws) }) else { return }
  _ = try success("writing the summary") { try RecordCoding.encode(summary) }
  if let paper = try? PaperTables.load() { _ = paperTables(summary, paper) }
  if let rigorous = summary.rigorous { _ = rigorousTables(rigorous) }
}

/// The value of a text, which must be the same when it is written and read again; nil for a text that is refused.
func decoded<Value: Codable>(_ bytes: Data) throws -> Value? {
  let value: Value
  do {
    value = try RecordCoding.decode(Value.self, from: bytes)
  } catch {
    try requireLine(RecordCoding.explain(error))
    return nil
  }
  let text = try success("writing \(Value.self)") { try RecordCoding.encode(value) }
  let again = try success("reading \(Value.self) again") { try RecordCoding.decode(Value.self, from: text) }
  try require(try RecordCoding.encode(again) == text, "a \(Value.self) changed")
  return value
}
