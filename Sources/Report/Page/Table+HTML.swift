extension Table {
  /// What the page's template reads of a table.
  ///
  /// - Parameter isOpen: whether the reader sees it without a click.
  func content(isOpen: Bool) -> [String: Any] {
    let shown = columns.indices.filter { columns[$0].title != nil }
    return [
      "title": title, "name": name ?? "table", "notes": notes.map(NumberText.typeset), "isOpen": isOpen,
      "hasGrid": !rows.isEmpty && !shown.isEmpty,
      "hasGroups": shown.contains { !columns[$0].group.isEmpty }, "groups": groups(shown),
      "columns": shown.map { place -> [String: Any] in
        ["title": columns[place].title ?? "", "isLeft": columns[place].justification == .left]
      },
      "rows": rows.map { row in
        [
          "cells": shown.map {
            ["text": NumberText.typeset(row[$0].shown), "attributes": attributes(row[$0], columns[$0])]
          }
        ]
      },
    ]
  }

  /// The characters beyond which a cell may take several lines.
  private static let longText = 80

  /// The headings above columns; neighbours with the same one share it.
  private func groups(_ shown: [Int]) -> [[String: Any]] {
    shown.reduce(into: [(title: String, span: Int)]()) { groups, place in
      if groups.last?.title == columns[place].group {
        groups[groups.count - 1].span += 1
      } else {
        groups.append((columns[place].group, 1))
      }
    }.map { ["title": $0.title, "span": $0.span] }
  }

  /// A cell's side, the component it names, all digits of its numbers for the script, and why a value is missing.
  private func attributes(_ cell: Cell, _ column: Column) -> String {
    let classes = [
      column.justification == .left ? "left" : nil, cell.shown.count > Self.longText ? "long" : nil,
    ].compactMap(\.self)
    var text = classes.isEmpty ? "" : " class=\"\(classes.joined(separator: " "))\""
    if column.holdsComponents { text += " data-component=\"\(Markup.escaped(cell.shown))\"" }
    if let parts = cell.parts {
      let values = cell.fields(parts.split(separator: ",", omittingEmptySubsequences: false).count).map(\.csv)
      text += " data-parts=\"\(parts)\" data-values=\"\(values.joined(separator: ","))\""
    }
    if let reason = cell.reason { text += " title=\"\(Markup.escaped(reason))\"" }
    return text
  }
}

extension Cell {
  /// What is added to a column's name for each number of a cell, with commas between; `nil` for a cell without numbers that are rounded.
  fileprivate var parts: String? {
    switch value {
    case .number: ""
    case .spread: ",std"
    case .range: "low,high"
    case .estimate: ",lower,upper"
    case .text, .count, .flag, .missing: nil
    }
  }
}
