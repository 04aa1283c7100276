/// Copies rows to columns: element (row, column) of the source goes to `target[column · stride + row]`. Squares of eight numbers a
/// side are transposed in registers.
///
/// - Parameters:
///   - source: [rows, columns]
///   - target: must not overlap the source.
@inline(__always)
func transpose<Element: SIMDScalar>(
  _ source: UnsafePointer<Element>, rows: Int, columns: Int, into target: UnsafeMutablePointer<Element>,
  stride: Int
) {
  let (wholeRows, wholeColumns) = (rows & ~7, columns & ~7)
  // Down the rows first, so that a line of the cache in the target is filled before the next eight begin.
  for column in Swift.stride(from: 0, to: wholeColumns, by: 8) {
    for row in Swift.stride(from: 0, to: wholeRows, by: 8) {
      let (from, to) = (row &* columns &+ column, column &* stride &+ row)
      transposeSquare(source + from, distance: columns, into: target + to, distance: stride)
    }
  }
  for column in 0..<columns {
    for row in (column < wholeColumns ? wholeRows : 0)..<rows {
      target[column &* stride &+ row] = source[row &* columns &+ column]
    }
  }
}

/// Transposes eight rows of eight numbers. Three times, the numbers of rows i and i + 4 go in turn to rows 2i and 2i + 1. If six
/// bits are the number of a place, three of its row and three of its column, each time moves the first bit to the end: row
/// 0b011, column 0b100 comes to row 0b111, column 0b000, then 0b110, 0b001, and at last to row 0b100, column 0b011.
@inline(__always)
private func transposeSquare<Element: SIMDScalar>(
  _ source: UnsafePointer<Element>, distance: Int, into target: UnsafeMutablePointer<Element>,
  distance targetDistance: Int
) {
  typealias Vector = SIMD8<Element>
  @inline(__always) func row(_ index: Int) -> Vector {
    UnsafeRawPointer(source + index &* distance).loadUnaligned(as: Vector.self)
  }
  @inline(__always) func put(_ vector: Vector, _ index: Int) {
    UnsafeMutableRawPointer(target + index &* targetDistance).storeBytes(of: vector, as: Vector.self)
  }
  @inline(__always) func inTurn(_ one: Vector, _ other: Vector) -> (Vector, Vector) {
    var (low, high) = (one, one)
    (low.evenHalf, low.oddHalf) = (one.lowHalf, other.lowHalf)
    (high.evenHalf, high.oddHalf) = (one.highHalf, other.highHalf)
    return (low, high)
  }
  let (a0, a1) = inTurn(row(0), row(4))
  let (a2, a3) = inTurn(row(1), row(5))
  let (a4, a5) = inTurn(row(2), row(6))
  let (a6, a7) = inTurn(row(3), row(7))
  let (b0, b1) = inTurn(a0, a4)
  let (b2, b3) = inTurn(a1, a5)
  let (b4, b5) = inTurn(a2, a6)
  let (b6, b7) = inTurn(a3, a7)
  let (c0, c1) = inTurn(b0, b4)
  let (c2, c3) = inTurn(b1, b5)
  let (c4, c5) = inTurn(b2, b6)
  let (c6, c7) = inTurn(b3, b7)
  put(c0, 0)
  put(c1, 1)
  put(c2, 2)
  put(c3, 3)
  put(c4, 4)
  put(c5, 5)
  put(c6, 6)
  put(c7, 7)
}
