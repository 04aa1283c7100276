import RandomStreams
import Testing

@testable import Statistics

@Suite("Agreement in a crossed design") struct CrossedAgreementTests {
  /// Agreements of 4 × 3 things from a rule for two cells.
  private func table(
    rows: Int = 4, columns: Int = 3, _ agreement: (_ one: (Int, Int), _ other: (Int, Int)) -> Double
  ) -> [[Double]] {
    let cells = (0..<rows).flatMap { row in (0..<columns).map { (row, $0) } }
    return cells.map { one in cells.map { agreement(one, $0) } }
  }

  private func found(_ table: [[Double]], rows: Int = 4, columns: Int = 3, draws: Int = 999) throws
    -> CrossedAgreement?
  {
    var generator = CounterStream(seed: 1, purpose: .permutation)
    return try CrossedAgreement(table, rows: rows, columns: columns, draws: draws, using: &generator)
  }

  @Test("has its three means, and the exact p-value of a difference that only one order has")
  func columns() throws {
    let found = try #require(
      try found(table { $0.1 == $1.1 ? 0.75 : $0.0 == $1.0 ? 0.25 : 0 }))
    #expect(found.sameColumn.mean == 0.75 && found.sameColumn.pairs == 18)
    #expect(found.sameRow.mean == 0.25 && found.sameRow.pairs == 12)
    #expect(found.neither.mean == 0 && found.neither.pairs == 36)
    #expect(found.sameColumn.standardError == 0)
    #expect(found.columnTest.null == .exact(arrangements: 216))
    #expect(found.columnTest.pValue == 1.0 / 216)
    // Four rows in three columns: 4!² arrangements.
    #expect(found.rowTest.null == .exact(arrangements: 576))
    #expect(found.rowTest.pValue == 1.0 / 576)
  }

  @Test("says p = 1 where nothing differs, and draws arrangements where there are many")
  func extremes() throws {
    let same = try #require(try found(table { _, _ in 0.5 }))
    #expect(same.columnTest.pValue == 1 && same.rowTest.pValue == 1)
    let drawn = try #require(
      try found(table(rows: 5, columns: 5) { $0.1 == $1.1 ? 1 : 0 }, rows: 5, columns: 5))
    #expect(drawn.columnTest.null == .sampled(draws: 999) && drawn.columnTest.pValue == 0.001)
  }

  @Test("has p-values that are uniform where agreement is noise")
  func null() throws {
    var stream = CounterStream(seed: 9, purpose: .bootstrap)
    var small = 0
    for _ in 0..<400 {
      let noise = (0..<144).map { _ in Double(stream.next() >> 11) * 0x1p-53 }
      let symmetric = (0..<12).map { one in (0..<12).map { noise[min(one, $0) * 12 + max(one, $0)] } }
      if try #require(try found(symmetric)).columnTest.pValue <= 0.1 { small += 1 }
    }
    // 40 expected, with a standard deviation of 6.
    #expect((20...60).contains(small))
  }

  @Test("needs three rows and columns, and a whole table of numbers")
  func refusals() throws {
    #expect(try found(table(rows: 2) { _, _ in 0 }, rows: 2) == nil)
    #expect(throws: StatisticsError.self) { try found(table { _, _ in 0 }, rows: 5) }
    #expect(throws: StatisticsError.self) { try found(table { $0 == $1 ? 0 : .nan }) }
  }
}

@Suite("Rank correlation within strata") struct StratifiedSpearmanTests {
  @Test("ignores what strata have in common")
  func strata() throws {
    let strata = [0, 0, 0, 1, 1, 1]
    let (x, y) = ([1.0, 2, 3, 101, 102, 103], [3.0, 2, 1, 203, 202, 201])
    #expect(try spearman(x, y, within: strata) == -1)
    #expect(try spearman(x, x.map { $0 * $0 }, within: strata) == 1)
    // One stratum agrees, the other is reversed.
    #expect(try spearman(x, [1, 2, 3, 3, 2, 1], within: strata) == 0)
  }

  @Test("is undefined where no stratum has two values")
  func undefined() throws {
    #expect(try spearman([1, 2, 3], [4, 5, 6], within: [0, 1, 2]) == nil)
    #expect(try spearman([1, 1], [4, 5], within: [0, 0]) == nil)
    #expect(throws: StatisticsError.self) { try spearman([1, 2], [4], within: [0, 0]) }
  }
}
