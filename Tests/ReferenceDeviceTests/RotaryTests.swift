import Compute
import ReferenceDevice
import TestDevices
import Testing

@Suite("rotary") struct RotaryTests {
  private let lab = ReferenceLab(seed: 8)

  /// Rotates one row of two heads with four columns. The angles of the positions are multiples of a right
  /// angle.
  private func turned(_ values: [Double], position: Int32, isInverse: Bool = false) throws -> [Double] {
    let target = try lab.buffer(values)
    let table = try lab.buffer([1, 1, 0, 0, 0, -1, 1, 0])
    try lab.device.rotary(
      Rotary(
        target: Matrix(target, columns: 8), heads: 2, positions: try lab.device.makeBuffer([position]),
        table: Matrix(table, columns: 4), isInverse: isInverse, count: 1))
    return try lab.values(target)
  }

  @Test("rotates columns j and j + width/2 of every head by the angle of their position, and back")
  func turning() throws {
    let row: [Double] = [1, 2, 3, 4, 5, 6, 7, 8]
    #expect(try turned(row, position: 0) == row)
    // A quarter turn of the first pair, a half turn of the second.
    let expected: [Double] = [-3, -2, 1, -4, -7, -6, 5, -8]
    #expect(try turned(row, position: 1) == expected)
    #expect(try turned(expected, position: 1, isInverse: true) == row)
  }

  @Test("has the inverse rotation as its gradient")
  func gradient() throws {
    let (rows, width) = (5, 6)
    let (input, weights) = (try lab.random(rows * 2 * width), try lab.random(rows * 2 * width))
    let table = Matrix(try lab.random(3 * width), columns: width)
    let positions = try lab.device.makeBuffer([2, 0, 1, 1, 2] as [Int32])
    func turn(_ values: any Buffer, isInverse: Bool) throws -> any Buffer {
      let copy = try lab.buffer(lab.values(values))
      try lab.device.rotary(
        Rotary(
          target: Matrix(copy, columns: 2 * width), heads: 2, positions: positions, table: table,
          isInverse: isInverse, count: rows))
      return copy
    }
    let gradient = try turn(weights, isInverse: true)
    let error = try lab.gradientError(of: input, gradient) {
      try lab.product(turn(input, isInverse: false), weights)
    }
    #expect(!(error > 1e-9), "\(error)")
  }

  @Test("refuses heads of odd width, positions outside the table and missing rows")
  func refused() throws {
    func rotate(columns: Int = 8, heads: Int = 2, position: Int32 = 1, count: Int = 1) throws {
      let table = Matrix(try lab.zeros(8), columns: heads > 0 ? columns / heads : 1)
      try lab.device.rotary(
        Rotary(
          target: Matrix(try lab.zeros(8), columns: columns), heads: heads,
          positions: try lab.device.makeBuffer([position, 0]), table: table, count: count))
    }
    try rotate()
    for (columns, heads) in [(6, 2), (8, 3), (8, 0)] {
      #expect(throws: ComputeError.self) { try rotate(columns: columns, heads: heads) }
    }
    for position in [-1, 2] as [Int32] {
      #expect(throws: ComputeError.self) { try rotate(position: position) }
    }
    #expect(throws: ComputeError.self) { try rotate(count: 2) }
  }
}
