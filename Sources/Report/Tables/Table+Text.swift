extension Table {
  /// The table for a terminal: title, grid, notes.
  package var text: String {
    let shown = columns.indices.filter { columns[$0].title != nil }
    let grid = TableText(
      columns: shown.map {
        .init(columns[$0].title ?? "", group: columns[$0].group, columns[$0].justification)
      },
      rows: rows.map { row in shown.map { row[$0].shown } })
    return "\(title)\n" + (rows.isEmpty || shown.isEmpty ? "" : grid.render())
      + notes.map { "\($0)\n" }.joined()
  }
}

extension [Table] {
  /// All tables that have something to show, with a blank line between two.
  package var text: String { filter(\.hasContent).map(\.text).joined(separator: "\n") }
}
