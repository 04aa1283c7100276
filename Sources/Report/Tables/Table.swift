/// A table of a report as a value. Text for a terminal, CSV, JSON Lines and HTML are made from it.
///
/// Its columns are declared with the way in which a row fills them:
/// ```swift
/// Table("lengths", title: "Accuracy by length", rows: lengths, [
///   .both("length") { .count($0.length) },
///   .mean("accuracy", digits: 3) { $0.accuracy },
/// ])
/// ```
/// A column without a title is only in files, and one without keys is only shown, so one table serves both.
package struct Table: Sendable, Equatable {
  /// The name of its file without extension; `nil` for a table that is only shown. Tables with the same name, for example one for
  /// each task, share a file and have the same columns there.
  package var name: String?
  package var title: String
  /// Sentences below the table.
  package var notes: [String]
  package var columns: [Column]
  package var rows: [[Cell]]
  /// Whether a reader sees the table. Some tables are only files.
  package var isShown: Bool
  /// Whether its file is written even if it has no row.
  package var isAlwaysWritten: Bool

  /// One column.
  package struct Column: Sendable, Equatable {
    /// The heading; `nil` for a column that is only in files.
    package var title: String?
    /// The heading that it shares with its neighbours.
    package var group = ""
    package var justification = TableText.Justification.right
    /// Its names in files; empty for a column that is only shown. An estimate has up to four: value, lower and upper end, seeds.
    package var keys: [String] = []
    /// Whether its cells are names of components, which the page links to figures.
    package var holdsComponents = false
  }

  /// A column together with what it shows of a row.
  package struct Field<Row> {
    var column: Column
    var cell: (Row) -> Cell
  }

  package init<Row>(
    _ name: String? = nil, title: String, rows: [Row], notes: [String] = [], isShown: Bool = true,
    isAlwaysWritten: Bool = false, _ fields: [Field<Row>]
  ) {
    self.name = name
    self.title = title
    self.notes = notes
    columns = fields.map(\.column)
    self.rows = rows.map { row in fields.map { $0.cell(row) } }
    self.isShown = isShown
    self.isAlwaysWritten = isAlwaysWritten
  }

  /// A title with sentences, without columns.
  package init(title: String, notes: [String]) {
    self.init(title: title, rows: [Int](), notes: notes, [])
  }

  /// Whether there is something to show. Without rows and notes a title is left out.
  package var hasContent: Bool { isShown && !(rows.isEmpty && notes.isEmpty && !columns.isEmpty) }
}

extension Table.Field {
  /// A column that readers see.
  static func shown(
    _ title: String, group: String = "", _ justification: TableText.Justification = .right,
    _ cell: @escaping (Row) -> Cell
  ) -> Self {
    Self(column: .init(title: title, group: group, justification: justification), cell: cell)
  }

  /// A column of files.
  static func file(_ keys: String..., cell: @escaping (Row) -> Cell) -> Self {
    Self(column: .init(keys: keys), cell: cell)
  }

  /// A column that readers see and that files have; the key is the title in snake case by default.
  static func both(
    _ title: String, key: String? = nil, group: String = "",
    _ justification: TableText.Justification = .right, _ cell: @escaping (Row) -> Cell
  ) -> Self {
    Self(
      column: .init(
        title: title, group: group, justification: justification,
        keys: [key ?? title.replacing(" ", with: "_")]), cell: cell)
  }

  /// A column of names of components.
  static func component(_ title: String, _ name: @escaping (Row) -> String) -> Self {
    Self(
      column: .init(title: title, justification: .left, keys: [title], holdsComponents: true),
      cell: { .text(name($0)) })
  }

  /// A column of texts that begin with the name of a component.
  static func shownComponent(_ title: String, group: String, _ cell: @escaping (Row) -> Cell) -> Self {
    Self(column: .init(title: title, group: group, justification: .left, holdsComponents: true), cell: cell)
  }

  /// A mean over seeds: in files it has the columns `KEY`, `KEY_lower`, `KEY_upper` and `KEY_seeds`.
  static func mean(
    _ title: String? = nil, key: String? = nil, group: String = "", digits: Int = 2,
    _ mean: @escaping (Row) -> SeedMean?
  ) -> Self {
    Self(
      column: .init(title: title, group: group, keys: meanKeys(key ?? title ?? "")),
      cell: { .estimate(mean($0), digits: digits) })
  }

  /// A value with an interval that has no number of seeds of its own: `KEY`, `KEY_lower` and `KEY_upper` in files.
  static func interval(_ title: String, key: String, _ cell: @escaping (Row) -> Cell) -> Self {
    Self(column: .init(title: title, keys: Array(meanKeys(key).prefix(3))), cell: cell)
  }

  static func meanKeys(_ key: String) -> [String] { [key, "\(key)_lower", "\(key)_upper", "\(key)_seeds"] }
}
