import Foundation
import Records
import TestSupport
import Testing

@testable import Report

@Suite("The CSV files")
struct TableFilesTests {
  @Test("all six files are written, with a column that distinguishes our numbers from the paper's")
  func files() throws {
    try withFolder(writeAll)
  }

  private func writeAll(to folder: URL) throws {
    let runs = [
      HandMade.run(
        seed: 42, rho: 0.1 + 0.2, heroes: ["L0_H0"],
        pruning: HandMade.pruning(baseline: 0.7, heroes: nil, bloats: 0.6)),
      HandMade.run("reverse", seed: 42, inWindow: false),
    ]
    try writeTables(paperTables(Summary(runs), PaperTables.load()), to: folder)
    func lines(_ name: String) throws -> [String] {
      try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
        .split(separator: "\n").map(String.init)
    }
    #expect(
      try lines("table1.csv")[1]
        == "sort,ours,published,true,1,0,0.30000000000000004,0.0,0.30000000000000004,0.30000000000000004,1,0")
    #expect(
      try lines("table2.csv")[1...2].joined(separator: "|")
        == "sort,ours,42,0.7,,0.6,L2_H1,L0_H1|sort,paper,456,0.65,0.33,0.685,L2_H1 L2_H2,L0_H1 L1_H0")
    #expect(try lines("table3.csv")[1] == "sort,ours,hero,L0_H0,1")
    #expect(try lines("table4.csv").count == 12)
    #expect(try lines("table5.csv")[1] == "reverse,ours,42,false,9,0.5,0.5,0,0")
    #expect(try lines("table6.csv").count == 10)
  }

  @Test("fields with commas, quotes and line ends are quoted")
  func quoting() {
    func csv(_ fields: [String]) -> String {
      Table(
        title: "", rows: [fields], [.file("a") { .text($0[0]) }, .file("b") { .text($0[1]) }]
      ).csv
    }
    #expect(csv(["x,y", "say \"no\"\n"]) == "a,b\n\"x,y\",\"say \"\"no\"\"\n\"\n")
    #expect(csv(["x\ny", "\"\u{301}"]) == "a,b\n\"x\ny\",\"\"\"\u{301}\"\n")
  }

  @Test("JSON Lines have the columns of CSV, null for missing values, and text that JSON reads back")
  func jsonLines() throws {
    let odd = "\"</script>\\ \n\u{1}é"
    let table = Table(
      title: "", rows: [(odd, 0.1 + 0.2 as Double?), ("", nil), ("x", .infinity)],
      [
        .file("name") { .text($0.0) }, .shown("not in files") { _ in .count(1) },
        .interval("value", key: "value") { .estimate($0.1, nil, digits: 2) },
      ])
    let lines = table.jsonLines.split(separator: "\n")
    #expect(lines.count == 3 && !table.jsonLines.contains("<"))
    let rows = try lines.map { try JSONDecoder().decode([String: JSONField?].self, from: Data($0.utf8)) }
    #expect(rows.allSatisfy { Set($0.keys) == ["name", "value", "value_lower", "value_upper"] })
    #expect(rows[0]["name"] == .text(odd) && rows[0]["value"] == .number(0.1 + 0.2))
    #expect(rows[1]["name"] == .some(nil) && rows[1]["value"] == .some(nil) && rows[2]["value"] == .some(nil))
  }
}

/// What a field of a line can be.
private enum JSONField: Decodable, Equatable {
  case text(String)
  case number(Double)

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else {
      self = .text(try container.decode(String.self))
    }
  }
}
