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

  @Test("has the standard error of the jackknife along rows and columns")
  func jackknife() throws {
    // The agreement of equal columns is the column's number: the mean is 1, and without a column 1.5, 1 and 0.5. Rows make no difference.
    let found = try #require(try found(table { $0.1 == $1.1 ? Double($0.1) : 0 }))
    #expect(found.sameColumn.mean == 1)
    // 2/3 · (0.25 + 0 + 0.25)
    #expect(abs(found.sameColumn.standardError - (1.0 / 3).squareRoot()) < 1e-12)
    #expect(found.neither.standardError == 0)
    // The same of equal rows: the mean is 3/2, and without a row 2, 5/3, 4/3 and 1: 3/4 · 5/9.
    let rows = try #require(try self.found(table { $0.0 == $1.0 ? Double($0.0) : 0 }))
    #expect(rows.sameRow.mean == 1.5)
    #expect(abs(rows.sameRow.standardError - (5.0 / 12).squareRoot()) < 1e-12)
    // Both: of the sums of both numbers in pairs that share neither, rows make one part and columns the other.
    let both = try #require(
      try self.found(table { Double($0.0 + $0.1 + $1.0 + $1.1) }))
    let means = (
      try #require(try self.found(table { Double($0.0 + $1.0) })),
      try #require(try self.found(table { Double($0.1 + $1.1) }))
    )
    let (ofRows, ofColumns) = (means.0.neither.standardError, means.1.neither.standardError)
    #expect(ofRows > 0 && ofColumns > 0)
    #expect(abs(both.neither.standardError - (ofRows * ofRows + ofColumns * ofColumns).squareRoot()) < 1e-12)
  }

  @Test("counts every arrangement that is as extreme")
  func arrangements() throws {
    // Only cells (0, 0) and (1, 0) agree. They have equal labels in a third of the arrangements.
    let pair = table { one, other in
      (one == (0, 0) && other == (1, 0)) || (one == (1, 0) && other == (0, 0)) ? 1 : 0
    }
    let found = try #require(try found(pair))
    #expect(abs(found.columnTest.pValue - 1.0 / 3) < 1e-12)
    // In one column, they never have equal rows: no arrangement is below the observed 0.
    #expect(found.rowTest.pValue == 1)
  }

  @Test("says p = 1 where nothing differs, and draws arrangements where there are many")
  func extremes() throws {
    let same = try #require(try found(table { _, _ in 0.5 }))
    #expect(same.columnTest.pValue == 1 && same.rowTest.pValue == 1)
    let drawn = try #require(
      try found(table(rows: 5, columns: 5) { $0.1 == $1.1 ? 1 : 0 }, rows: 5, columns: 5))
    #expect(drawn.columnTest.null == .sampled(draws: 999) && drawn.columnTest.pValue == 0.001)
  }

  @Test(
    "keeps the level of each test, also where things that the other factor makes alike agree more",
    arguments: [0.0, 5])
  func null(effect: Double) throws {
    var stream = CounterStream(seed: 9, purpose: .bootstrap)
    var (columns, rows) = (0, 0)
    for _ in 0..<400 {
      let noise = (0..<144).map { _ in Double(stream.next() >> 11) * 0x1p-53 }
      func agreements(_ isAlike: (_ one: Int, _ other: Int) -> Bool) -> [[Double]] {
        (0..<12).map { one in
          (0..<12).map { noise[min(one, $0) * 12 + max(one, $0)] + (isAlike(one, $0) ? effect : 0) }
        }
      }
      if try #require(try found(agreements { $0 / 3 == $1 / 3 })).columnTest.pValue <= 0.1 { columns += 1 }
      if try #require(try found(agreements { $0 % 3 == $1 % 3 })).rowTest.pValue <= 0.1 { rows += 1 }
    }
    // 40 expected, with a standard deviation of 6.
    #expect((20...60).contains(columns) && (20...60).contains(rows))
  }

  @Test("needs three rows and columns, and a whole table of numbers")
  func refusals() throws {
    #expect(try found(table(rows: 2) { _, _ in 0 }, rows: 2) == nil)
    #expect(throws: StatisticsError.self) { try found(table { _, _ in 0 }, rows: 5) }
    #expect(throws: StatisticsError.self) { try found(table { $0 == $1 ? 0 : .nan }) }
  }
}

@Suite("Ranks within strata") struct RanksWithinStrataTests {
  private func correlation(_ x: [Double], _ y: [Double], _ strata: [Int]) throws -> Double? {
    guard let x = try normalisedRanks(x, within: strata), let y = try normalisedRanks(y, within: strata)
    else {
      return nil
    }
    return zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }
  }

  @Test("ignores what strata have in common")
  func strata() throws {
    let strata = [0, 0, 0, 1, 1, 1]
    let (x, y) = ([1.0, 2, 3, 101, 102, 103], [3.0, 2, 1, 203, 202, 201])
    #expect(abs(try #require(try correlation(x, y, strata)) + 1) < 1e-12)
    #expect(abs(try #require(try correlation(x, x.map { $0 * $0 }, strata)) - 1) < 1e-12)
    // One stratum agrees, the other is reversed.
    #expect(abs(try #require(try correlation(x, [1, 2, 3, 3, 2, 1], strata))) < 1e-12)
    // Strata of 3 and 2, by hand: ranks −1, 0, 1, −½, ½ and 0, −1, 1, ½, −½ give ½ of 2½.
    let found = try correlation([1, 2, 3, 8, 9], [2, 1, 3, 9, 8], [0, 0, 0, 1, 1])
    #expect(abs(try #require(found) - 0.2) < 1e-12)
  }

  @Test("is undefined where no stratum has two values")
  func undefined() throws {
    #expect(try normalisedRanks([1, 2, 3], within: [0, 1, 2]) == nil)
    #expect(try normalisedRanks([1, 1], within: [0, 0]) == nil)
    #expect(throws: StatisticsError.self) { try normalisedRanks([1, 2], within: [0]) }
  }
}
