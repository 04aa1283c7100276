import RandomStreams
import Statistics
import Testing

@Suite("Variance components of two crossed factors") struct CrossedComponentsTests {
  private func table(_ rows: Int, _ columns: Int, _ value: (Int, Int) -> Double) -> [[Double]] {
    (0..<rows).map { row in (0..<columns).map { value(row, $0) } }
  }

  @Test("of one source alone are the variance of that source")
  func alone() throws {
    let values = [-1.0, 0, 2.5, 4]
    let mean = values.reduce(0, +) / 4
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 3
    for source in 0..<2 {
      let found = try #require(try CrossedComponents(table(4, 4) { 7 + values[[$0, $1][source]] }))
      for (place, part) in found.parts.enumerated() {
        #expect(abs(part - (place == source ? variance : 0)) <= 1e-12)
      }
      #expect(try #require(found.shareErrors).allSatisfy { $0 <= 1e-12 })
    }
    let equal = try #require(try CrossedComponents(table(3, 3) { _, _ in 1 }))
    #expect(equal.shares == nil && equal.shareErrors == nil)
  }

  @Test(
    "are found within their errors, and Student's interval holds the true share about as often as it says")
  func simulated() throws {
    let truth = [0.5, 0.2, 0.3]
    var sums = [0.0, 0, 0]
    var held = [0, 0, 0]
    let (trials, rows, columns) = (400, 10, 8)
    for trial in 0..<trials {
      var stream = CounterStream(seed: 182, purpose: .validation).split(UInt64(trial))
      func draws(_ count: Int, _ variance: Double) -> [Double] {
        (0..<count).map { _ in variance.squareRoot() * Double(stream.normal()) }
      }
      let (r, c, rest) = (draws(rows, truth[0]), draws(columns, truth[1]), draws(rows * columns, truth[2]))
      let found = try #require(
        try CrossedComponents(table(rows, columns) { r[$0] + c[$1] + rest[$0 * columns + $1] }))
      let (shares, errors) = (try #require(found.shares), try #require(found.shareErrors))
      for place in truth.indices {
        sums[place] += found.parts[place] / Double(trials)
        // The quantile of Student's t with 7 degrees of freedom.
        if abs(shares[place] - truth[place]) <= 2.365 * errors[place] { held[place] += 1 }
      }
    }
    for (found, expected) in zip(sums, truth) { #expect(abs(found - expected) <= 0.1 * expected, "\(sums)") }
    for count in held { #expect(Double(count) >= 0.88 * Double(trials), "\(held)") }
  }

  @Test("need three of both, no holes and finite values")
  func refused() throws {
    #expect(try CrossedComponents(table(2, 3) { _, _ in 1 }) == nil)
    #expect(try CrossedComponents(table(3, 2) { _, _ in 1 }) == nil)
    #expect(try CrossedComponents([]) == nil)
    #expect(throws: StatisticsError.self) { try CrossedComponents([[1, 2, 3], [1, 2, 3], [1, 2]]) }
    #expect(throws: StatisticsError.self) {
      try CrossedComponents(table(3, 3) { row, _ in row == 0 ? .nan : 1 })
    }
  }
}
