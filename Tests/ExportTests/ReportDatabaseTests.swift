import Foundation
import GRDB
import Records
import Report
import TestSupport
import Testing

@testable import Export

@Suite("The SQLite database of a report")
struct ReportDatabaseTests {
  private func write(_ records: [RunRecord], to url: URL) throws {
    let summary = try Summary(records)
    try ReportDatabase(at: url).write(
      StudyReport(summary, runs: []).tables, longTables([StudyRecords(folder: "", records: records)]))
  }

  @Test("every table has the rows and columns of its CSV file, with NULL for what is missing")
  func tables() throws {
    try withFolder { folder in
      let records = [Made.run(seed: 1), Made.run(seed: 2, rho: nil)]
      let file = folder.appendingPathComponent("study.db")
      try write(records, to: file)
      try StudyReport(Summary(records), runs: records).write(to: StudyFolder(folder))
      let queue = try DatabaseQueue(path: file.path)
      try queue.read { database in
        let names = try String.fetchAll(database, sql: "SELECT name FROM sqlite_master ORDER BY name")
        let files = try FileManager.default.contentsOfDirectory(
          atPath: folder.appendingPathComponent("tables").path
        ).filter { $0.hasSuffix(".csv") }.map { String($0.dropLast(4)) }.sorted()
        #expect(names == files && names.contains("runs") && names.contains("table1"))
        for name in names {
          let text = try String(
            contentsOf: folder.appendingPathComponent("tables/\(name).csv"), encoding: .utf8)
          let columns = try database.columns(in: name).map(\.name).joined(separator: ",")
          #expect(text.split(separator: "\n").first.map(String.init) == columns)
          let rows = try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM \(name)")
          #expect(rows == text.split(separator: "\n").count - 1, "\(name)")
        }
        let rhos = try Double?.fetchAll(database, sql: "SELECT rho FROM runs ORDER BY seed")
        #expect(rhos == [0.1 + 0.2, nil])
        let kinds = try String.fetchAll(
          database, sql: "SELECT kind FROM components WHERE seed = 1 AND head IS NULL")
        #expect(kinds == ["mlp"])
        #expect(try Bool.fetchAll(database, sql: "SELECT DISTINCT in_window FROM runs") == [true])
      }
    }
  }

  @Test("a database of ours is replaced; anything else is refused and stays")
  func replaces() throws {
    try withFolder { folder in
      let file = folder.appendingPathComponent("study.db")
      try write([Made.run(seed: 1)], to: file)
      let first = try Data(contentsOf: file)
      try write([Made.run(seed: 1), Made.run(seed: 2)], to: file)
      #expect(try Data(contentsOf: file) != first)
      try write([Made.run(seed: 1)], to: file)
      #expect(try Data(contentsOf: file) == first)

      let other = folder.appendingPathComponent("other.db")
      try DatabaseQueue(path: other.path).write { try $0.execute(sql: "CREATE TABLE kept (value)") }
      let text = folder.appendingPathComponent("notes.txt")
      try Data("SQLite format 3".utf8).write(to: text)
      let link = folder.appendingPathComponent("link")
      try FileManager.default.createSymbolicLink(at: link, withDestinationURL: file)
      for place in [other, text, link, folder] {
        #expect(throws: ExportError.occupied(path: place.path)) { try ReportDatabase(at: place) }
      }
      #expect(try Data(contentsOf: text) == Data("SQLite format 3".utf8))
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(names.allSatisfy { !$0.hasSuffix(".tmp") })
    }
  }

  @Test("a database that cannot be written is one line, and leaves nothing")
  func unwritable() throws {
    try withFolder { folder in
      let file = folder.appendingPathComponent("missing/study.db")
      #expect(throws: ExportError.self) { try write([Made.run(seed: 1)], to: file) }
      let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(left.isEmpty)
    }
  }
}
