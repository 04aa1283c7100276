import Concurrency
import Foundation

/// A table with many rows for each run, for files and databases. Its rows are made run by run: those of thousands of
/// runs together need not be in memory.
///
/// Columns are declared with the way in which a row fills them, as those of `Table` are:
/// ```swift
/// LongTable("lengths", of: runs, rows: { $0.ood.searched }, [
///   .init("length", .integer) { .count($0.row.length) },
///   .init("accuracy", .real) { .number($0.row.accuracy) },
/// ])
/// ```
package struct LongTable: Sendable {
  /// The name of its file without extension, and of its table in a database.
  package let name: String
  package let columns: [Column]
  private let runs: [NamedRun]
  private let rows: @Sendable (NamedRun) -> [[FileField]]

  /// A name, and what the column holds besides missing values.
  package struct Column: Sendable, Equatable {
    package enum Kind: Sendable { case text, integer, real, flag }

    package let name: String
    package let kind: Kind
  }

  /// One row of one run.
  struct Line<Row> {
    var run: NamedRun
    var row: Row
  }

  /// A column together with what it holds of a row.
  struct Field<Row>: Sendable {
    var column: Column
    var value: @Sendable (Line<Row>) -> FileField

    init(_ name: String, _ kind: Column.Kind, _ value: @escaping @Sendable (Line<Row>) -> FileField) {
      column = Column(name: name, kind: kind)
      self.value = value
    }
  }

  init<Row>(
    _ name: String, of runs: [NamedRun], rows: @escaping @Sendable (NamedRun) -> [Row],
    _ fields: [Field<Row>]
  ) {
    self.name = name
    self.runs = runs
    columns = fields.map(\.column)
    self.rows = { run in
      rows(run).map { row in
        let line = Line(run: run, row: row)
        return fields.map { $0.value(line) }
      }
    }
  }

  /// Hands the rows to `take`, several runs at a time and in order.
  ///
  /// - Parameter convert: what to make of the rows of a run; it runs on several threads.
  /// - Throws: what `take` throws.
  package func forEachRun<Made: Sendable>(
    _ convert: @escaping @Sendable ([[FileField]]) -> Made, _ take: (Made) throws -> Void
  ) rethrows {
    let atOnce = 64
    for begin in stride(from: 0, to: runs.count, by: atOnce) {
      let part = Array(runs[begin..<min(begin + atOnce, runs.count)])
      for made in concurrentMap(part, { convert(rows($0)) }) { try take(made) }
    }
  }

  /// Hands comma-separated values to `take`, as `Table` writes them.
  func csv(_ take: (Data) throws -> Void) rethrows {
    try take(Data((columns.map { FileField.text($0.name).csv }.joined(separator: ",") + "\n").utf8))
    try forEachRun(Self.csv, take)
  }

  @Sendable private static func csv(_ rows: [[FileField]]) -> Data {
    var text = ""
    for row in rows {
      for (place, field) in row.enumerated() {
        if place > 0 { text += "," }
        field.writeCSV(to: &text)
      }
      text += "\n"
    }
    return Data(text.utf8)
  }
}
