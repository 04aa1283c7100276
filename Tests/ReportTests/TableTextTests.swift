import Testing

@testable import Report

@Suite("Text tables")
struct TableTextTests {
  @Test("columns are aligned, groups have headings, and empty or missing cells show a dash")
  func layout() {
    let table = TableText(
      columns: [
        .init("task", .left), .init("ours", group: "rho of all"), .init("paper", group: "rho of all"),
        .init("n"),
      ],
      rows: [["sorting", "0.3", "", "10"], ["copy"]])
    #expect(
      table.render() == """
                 rho of all
        task     ours  paper   n
        -------  ----  -----  --
        sorting   0.3      –  10
        copy        –      –   –

        """)
  }

  @Test("a heading wider than its column widens it")
  func wideHeading() {
    let table = TableText(
      columns: [.init("a", group: "heading"), .init("b", group: "other")], rows: [["1", "2"]])
    #expect(
      table.render() == """
        heading  other
              a      b
        -------  -----
              1      2

        """)
  }

  @Test("numbers have fixed digits, zero has no minus sign, and a missing number is a dash")
  func numbers() {
    #expect(NumberText.fixed(-0.001, digits: 2) == "0.00")
    #expect(NumberText.fixed(-0.125, digits: 3) == "-0.125")
    #expect(NumberText.fixed(nil, digits: 2) == "–")
    #expect(NumberText.fixed(.nan, digits: 2) == "nan")
    #expect(NumberText.plusMinus(0.5, nil, digits: 1) == "0.5")
    #expect(NumberText.plusMinus(0.5, 0.25, digits: 2) == "0.50 ± 0.25")
    #expect(NumberText.range(nil, 1, digits: 1) == "–")
  }
}
