import Testing

@testable import Transformer

@Suite("A transposition") struct TranspositionTests {
  @Test(
    "moves every number to its place and touches no other", arguments: [1, 7, 8, 9, 16, 37],
    [1, 5, 8, 24, 27])
  func places(rows: Int, columns: Int) {
    for stride in [rows, rows + 3] {
      check(rows, columns, stride) { Float($0) }
      check(rows, columns, stride) { UInt16($0) }
    }
  }

  private func check<Element: SIMDScalar & Equatable>(
    _ rows: Int, _ columns: Int, _ stride: Int, _ number: (Int) -> Element
  ) {
    let source = (0..<rows * columns).map { number($0 + 1) }
    var target = [Element](repeating: number(0), count: columns * stride)
    target.withUnsafeMutableBufferPointer { target in
      source.withUnsafeBufferPointer { source in
        guard let from = source.baseAddress, let to = target.baseAddress else { return }
        transpose(from, rows: rows, columns: columns, into: to, stride: stride)
      }
    }
    let expected = (0..<columns).flatMap { column in
      (0..<stride).map { $0 < rows ? number($0 * columns + column + 1) : number(0) }
    }
    #expect(target == expected, "\(rows) × \(columns), \(stride) apart")
  }
}
