import Foundation
import FuzzChecks
import Records
import Report

/// Examines a text as `run.json`, without its checksum, so that what lies behind it is reached. The further checks are dear:
/// each is made for some of the inputs.
func examineRecord(_ bytes: Data) throws {
  if bytes.count % 8 == 0 { _ = try outcome { try RunRecord(json: bytes, file: "f") } }
  guard let record: RunRecord = try decoded(bytes) else { return }
  switch bytes.count % 8 {
  case 1: try examineChecksum(record)
  case 2: try examineReport(record)
  default: break
  }
}

private func examineChecksum(_ record: RunRecord) throws {
  guard record.schema == RunRecord.currentSchema else { return }
  let text = try success("writing with a checksum") { try RecordCoding.encodeWithChecksum(record) }
  let again = try success("reading with a checksum") { try RunRecord(json: text, file: "f") }
  try require(try RecordCoding.encodeWithChecksum(again) == text, "the record changed")
}

private let paper = try? PaperTables.load()

/// A report is made of any record that can be read, or refused.
private func examineReport(_ record: RunRecord) throws {
  let draws = ReportDraws(resamples: 20, permutations: 20)
  guard let summary = try outcome({ try Summary([record], draws: draws) }) else { return }
  _ = try success("writing the summary") { try RecordCoding.encode(summary) }
  if let paper { _ = studyTables(summary, paper).text }
  let report = try success("a report") { try StudyReport(summary, runs: [record]) }
  _ = try success("the page") { try report.page.html() }
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
