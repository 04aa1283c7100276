/// A table for a terminal: columns of fixed width and a line under the header, without a box.
///
/// Neighbouring columns with the same `group` share a heading above their own:
/// ```
///           rho
/// task      ours  paper
/// --------  ----  -----
/// sorting   0.30   0.32
/// ```
package struct TableText: Sendable {
  /// The side of a column at which its cells stand.
  package enum Justification: Sendable {
    case left, right
  }

  /// One column: its title, the heading it shares with its neighbours, and its justification.
  package struct Column: Sendable {
    package var title: String
    package var group: String
    package var justification: Justification

    package init(_ title: String, group: String = "", _ justification: Justification = .right) {
      self.title = title
      self.group = group
      self.justification = justification
    }
  }

  /// What an empty cell shows.
  package static let nothing = "–"
  private static let gap = "  "

  package var columns: [Column]
  /// Missing cells of a short row are shown as "–"; cells beyond the last column are ignored.
  package var rows: [[String]]

  package init(columns: [Column], rows: [[String]] = []) {
    self.columns = columns
    self.rows = rows
  }

  /// The table as lines of text. Each ends with a newline and has no trailing spaces.
  package func render() -> String {
    let widths = self.widths()
    var lines: [[String]] = []
    lines.append(zip(columns, widths).map { Self.pad($0.title, to: $1, $0.justification) })
    lines.append(widths.map { String(repeating: "-", count: $0) })
    for row in rows {
      lines.append(
        columns.indices.map { Self.pad(cell(row, $0), to: widths[$0], columns[$0].justification) })
    }
    let text = lines.map { $0.joined(separator: Self.gap) }
    let heading = groupLine(widths).map { [$0] } ?? []
    return (heading + text).map { Self.trimmed($0) + "\n" }.joined()
  }

  private func cell(_ row: [String], _ column: Int) -> String {
    column < row.count && !row[column].isEmpty ? row[column] : Self.nothing
  }

  private func widths() -> [Int] {
    var widths = columns.indices.map { column in
      rows.reduce(columns[column].title.count) { max($0, cell($1, column).count) }
    }
    // If the heading of a group is wider than its columns, the last column is widened.
    for group in groups() where !group.title.isEmpty {
      let width = Self.width(group.columns, widths)
      if let last = group.columns.last { widths[last] += max(0, group.title.count - width) }
    }
    return widths
  }

  private func groupLine(_ widths: [Int]) -> String? {
    let groups = groups()
    guard groups.contains(where: { !$0.title.isEmpty }) else { return nil }
    return groups.map { Self.pad($0.title, to: Self.width($0.columns, widths), .left) }
      .joined(separator: Self.gap)
  }

  /// The groups: neighbouring columns with the same heading.
  private func groups() -> [(title: String, columns: Range<Int>)] {
    var groups: [(title: String, columns: Range<Int>)] = []
    for (index, column) in columns.enumerated() {
      if let last = groups.last, last.title == column.group {
        groups[groups.count - 1].columns = last.columns.lowerBound..<(index + 1)
      } else {
        groups.append((column.group, index..<(index + 1)))
      }
    }
    return groups
  }

  private static func width(_ columns: Range<Int>, _ widths: [Int]) -> Int {
    widths[columns].reduce(0, +) + (columns.count - 1) * gap.count
  }

  private static func pad(_ text: String, to width: Int, _ justification: Justification) -> String {
    let blanks = String(repeating: " ", count: max(0, width - text.count))
    return justification == .left ? text + blanks : blanks + text
  }

  private static func trimmed(_ line: String) -> Substring {
    guard let last = line.lastIndex(where: { $0 != " " }) else { return "" }
    return line[...last]
  }
}
