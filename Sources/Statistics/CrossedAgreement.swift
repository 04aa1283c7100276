/// How alike things are that were made once for every row (a seed of the data) in every column (a seed of the initial parameters): two that
/// share their column, two that share their row, and two that share neither.
///
/// Standard errors come from leaving out each row and each column in turn, as in `CrossedComponents`. If columns made no difference, their labels
/// could be in any order within each row. So the test of columns permutes them there, and compares the mean agreement of equal labels; the test of
/// rows is the same with rows and columns exchanged.
///
/// Source: P. Good, "Permutation, Parametric, and Bootstrap Tests of Hypotheses" (2005), on permutation within blocks.
package struct CrossedAgreement: Equatable, Sendable {
  /// The mean agreement of some pairs.
  package struct Part: Equatable, Sendable {
    package var mean: Double
    package var standardError: Double
    /// The number of pairs.
    package var pairs: Int
  }

  package var sameColumn: Part
  package var sameRow: Part
  package var neither: Part
  /// Of things that share their column being more alike than others in different rows.
  package var columnTest: PermutationResult
  /// Of things that share their row being more alike than others in different columns.
  package var rowTest: PermutationResult

  /// - Parameters:
  ///   - agreements: [row · columns + column][row · columns + column], symmetric; larger for things that are more alike. The diagonal is not used.
  ///   - draws: of a test with more arrangements.
  /// - Returns: nil for fewer than three rows or columns.
  /// - Throws: `StatisticsError.unequalCounts` unless the table has that shape, `.notANumber` for values that are not finite, `.outOfRange` for no
  ///   draws.
  package init?(
    _ agreements: [[Double]], rows: Int, columns: Int, draws: Int,
    using generator: inout some RandomNumberGenerator
  ) throws(StatisticsError) {
    try require(draws: draws)
    let cells = rows * columns
    guard agreements.count == cells else { throw .unequalCounts(agreements.count, cells) }
    for line in agreements where line.count != cells { throw .unequalCounts(line.count, cells) }
    for (place, line) in agreements.enumerated() {
      try requireFinite(line.enumerated().filter { $0.offset != place }.map(\.element))
    }
    guard rows >= 3, columns >= 3 else { return nil }
    let table = AgreementTable(values: agreements, columns: columns)
    let (allRows, allColumns) = (Array(0..<rows), Array(0..<columns))
    let (whole, counts) = table.means(allRows, allColumns)
    let withoutRow = allRows.map { left in table.means(allRows.filter { $0 != left }, allColumns).means }
    let withoutColumn = allColumns.map { left in table.means(allRows, allColumns.filter { $0 != left }).means
    }
    func part(_ place: Int) -> Part {
      let variance =
        jackknifeVariance(withoutRow.map { $0[place] }) + jackknifeVariance(withoutColumn.map { $0[place] })
      return Part(mean: whole[place], standardError: variance.squareRoot(), pairs: counts[place])
    }
    (sameColumn, sameRow, neither) = (part(0), part(1), part(2))
    columnTest = table.test(blocks: rows, labels: columns, draws: draws, { $0 * columns + $1 }) {
      generator.next()
    }
    rowTest = table.test(blocks: columns, labels: rows, draws: draws, { $1 * columns + $0 }) {
      generator.next()
    }
  }
}

private struct AgreementTable {
  let values: [[Double]]
  let columns: Int

  /// The mean agreement of pairs that share their column, their row, and neither, and the number of each.
  func means(_ rows: [Int], _ columns: [Int]) -> (means: [Double], counts: [Int]) {
    var (sums, counts) = ([0.0, 0, 0], [0, 0, 0])
    let cells = rows.flatMap { row in columns.map { (row, $0) } }
    for (place, (row, column)) in cells.enumerated() {
      for (otherRow, otherColumn) in cells[(place + 1)...] {
        let kind = column == otherColumn ? 0 : row == otherRow ? 1 : 2
        sums[kind] += values[row * self.columns + column][otherRow * self.columns + otherColumn]
        counts[kind] += 1
      }
    }
    return (zip(sums, counts).map { $0 / Double(max($1, 1)) }, counts)
  }

  /// The test of labels that are permuted within each block but the first.
  ///
  /// - Parameter cell: the cell of a block and a label.
  func test(
    blocks: Int, labels: Int, draws: Int, _ cell: (_ block: Int, _ label: Int) -> Int, _ word: () -> UInt64
  ) -> PermutationResult {
    var orders = Array(repeating: Array(0..<labels), count: blocks)
    let pairs = Double(labels * blocks * (blocks - 1) / 2)
    func statistic() -> Double {
      var sum = 0.0
      for block in 0..<blocks {
        for other in block + 1..<blocks {
          for label in 0..<labels {
            sum += values[cell(block, orders[block][label])][cell(other, orders[other][label])]
          }
        }
      }
      return sum / pairs
    }
    let observed = statistic()
    let scale = values.indices.reduce(0.0) { largest, one in
      values[one].indices.reduce(largest) { $1 == one ? $0 : max($0, abs(values[one][$1])) }
    }
    var extreme = ExtremeCounter(observed: observed, alternative: .greater, scale: scale)
    let arrangements = Self.arrangements(labels: labels, blocks: blocks - 1, most: draws)
    guard let arrangements else {
      for _ in 0..<draws {
        for block in 1..<blocks { shuffle(&orders[block], word) }
        extreme.add(statistic())
      }
      return PermutationResult(
        statistic: observed, pValue: Double(1 + extreme.count) / Double(1 + draws),
        null: .sampled(draws: draws))
    }
    let permutations = Self.permutations(labels)
    for arrangement in 0..<arrangements {
      var rest = arrangement
      for block in 1..<blocks {
        orders[block] = permutations[rest % permutations.count]
        rest /= permutations.count
      }
      extreme.add(statistic())
    }
    return PermutationResult(
      statistic: observed, pValue: Double(extreme.count) / Double(arrangements),
      null: .exact(arrangements: arrangements))
  }

  /// The number of ways to order the labels in so many blocks; nil if there are more than `most`.
  private static func arrangements(labels: Int, blocks: Int, most: Int) -> Int? {
    var count = 1
    for _ in 0..<blocks {
      for factor in 1...labels {
        count *= factor
        if count > most { return nil }
      }
    }
    return count
  }

  private static func permutations(_ count: Int) -> [[Int]] {
    guard count > 0 else { return [[]] }
    return permutations(count - 1).flatMap { shorter in
      (0..<count).map { place in shorter[..<place] + [count - 1] + shorter[place...] }
    }
  }
}
