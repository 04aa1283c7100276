import AtomicFile
import Errors
import Foundation
import GRDB
import Report

/// An SQLite database with the tables of a report, one table for each file.
///
/// ```swift
/// let report = try StudyReport(Summary(records), runs: records)
/// try ReportDatabase(at: url).write(report.tables, longTables(records))
/// ```
package struct ReportDatabase {
  /// The mark in the file's header that says that this program made it: "CGap".
  static let applicationID: Int32 = 0x4347_6170

  private let url: URL

  /// - Throws: `ExportError.occupied` if something else is there that this program did not make.
  package init(at url: URL) throws {
    self.url = url
    guard !Self.mayReplace(url) else { return }
    throw ExportError.occupied(path: url.path)
  }

  /// Writes the tables whole or not at all, and replaces an earlier database.
  ///
  /// - Throws: `ExportError.database`, `AtomicFileError`.
  package func write(_ tables: [Report.Table], _ long: [LongTable]) throws {
    do {
      try replaceAtomically(url) { temporary in
        let queue = try DatabaseQueue(path: temporary.path)
        try queue.writeWithoutTransaction { database in
          // Nobody reads the file before it is whole and has its name.
          try database.execute(
            sql: """
              PRAGMA journal_mode = OFF;
              PRAGMA synchronous = OFF;
              PRAGMA application_id = \(Self.applicationID);
              PRAGMA user_version = 1;
              """)
          try database.inTransaction {
            for table in long { try Self.add(table, to: database) }
            for table in fileTables(tables) { try Self.add(table, to: database) }
            return .commit
          }
        }
        try queue.close()
      }
    } catch let error as DatabaseError {
      throw ExportError.database(path: url.path, reason: error.message ?? "error \(error.resultCode)")
    }
  }

  private static func add(_ table: LongTable, to database: Database) throws {
    let insert = try create(table.name, table.columns, in: database)
    try table.forEachRun({ $0 }) { rows in
      for row in rows { try insert.execute(arguments: StatementArguments(row.map(\.databaseValue))) }
    }
  }

  private static func add(_ table: FileTable, to database: Database) throws {
    let insert = try create(table.name, table.columns, in: database)
    for row in table.rows { try insert.execute(arguments: StatementArguments(row.map(\.databaseValue))) }
  }

  /// Makes an empty table, and the statement that adds a row to it.
  private static func create(
    _ name: String, _ columns: [LongTable.Column], in database: Database
  ) throws -> Statement {
    try database.create(table: name) { definition in
      for column in columns { definition.column(column.name, column.kind.type) }
    }
    let places = columns.map { _ in "?" }.joined(separator: ", ")
    return try database.makeStatement(sql: "INSERT INTO \(name.quotedDatabaseIdentifier) VALUES (\(places))")
  }

  /// Whether nothing is there, or a database of ours. The header of an SQLite file has the application's number at byte
  /// 68, the highest byte first.
  private static func mayReplace(_ url: URL) -> Bool {
    var status = stat()
    guard lstat(url.path, &status) == 0 else { return true }
    guard status.st_mode & S_IFMT == S_IFREG, let file = try? FileHandle(forReadingFrom: url),
      let header = try? file.read(upToCount: 100), header.count == 100,
      header.starts(with: Data("SQLite format 3\0".utf8))
    else { return false }
    let number = header[68..<72].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    return number == UInt32(bitPattern: applicationID)
  }
}

extension LongTable.Column.Kind {
  fileprivate var type: Database.ColumnType {
    switch self {
    case .text: .text
    case .integer: .integer
    case .real: .real
    case .flag: .boolean
    }
  }
}

extension FileField {
  fileprivate var databaseValue: DatabaseValue {
    switch self {
    case .text(let text): text.databaseValue
    case .count(let count): count.databaseValue
    case .number(let number): number.databaseValue
    case .flag(let flag): flag.databaseValue
    case .empty: .null
    }
  }
}
