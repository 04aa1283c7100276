import RandomStreams
import Testing

@testable import Statistics

/// Sums over drawn rows have the bits of sums of each quantity alone.
@Suite("Means over rows of a table") struct RowTableTests {
  private let items = 37

  private func quantities(_ count: Int) -> [[Double]] {
    var stream = CounterStream(seed: 5, purpose: .bootstrap)
    return (0..<count).map { _ in
      (0..<items).map { _ in Double(Int64(bitPattern: stream.next())) / 1e17 }
    }
  }

  @Test("are those of each quantity alone", arguments: [1, 3, 4, 5, 20])
  func bits(width: Int) {
    let quantities = quantities(width)
    let table = RowTable(quantities)
    let drawn = [3, 3, 0, 36, 12, 7, 3]
    func expected(_ rows: [Int]) -> [Double] {
      quantities.map { values in rows.reduce(0) { $0 + values[$1] } / Double(rows.count) }
    }
    #expect(table.sums(over: drawn).means == expected(drawn))
    let later = [0, 1, 1, 5]
    let rows = drawn + later.map { $0 + 20 }
    let whole = table.sums(over: later, offset: 20, addedTo: table.sums(over: drawn))
    #expect(whole.means == expected(rows))
    #expect(whole.count == rows.count)
  }

  @Test("are 0 without rows")
  func empty() {
    #expect(RowTable(quantities(5)).sums(over: []).means == [0, 0, 0, 0, 0])
    #expect(RowTable([]).sums(over: []).means == [])
  }
}
