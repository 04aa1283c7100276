/// Rotary position embedding (Su et al. 2021, arXiv:2104.09864), in place. In row r, the columns j and j + pairs of
/// every head are a point (a, b). It is rotated by the angle α of pair j at position `positions[r]`, `(a, b) ←
/// (a·cos α − b·sin α, b·cos α + a·sin α)`, or rotated back. Rotating back is the gradient, because the transpose of a
/// rotation is its inverse. The columns of a head beyond the pairs stay as they are.
///
/// The angles come from a table, so no device computes sines.
package struct Rotary {
  package static let name = "rotary"

  /// [rows, heads·headWidth]: queries or keys, or their gradients; the columns of a head are adjacent.
  package var target: Matrix
  package var heads: Int
  /// int32 [rows], each a row of `table`.
  package var positions: any Buffer
  /// [positions, 2·pairs]: the cosines of a position's angles, then their sines; at most as wide as a head.
  package var table: Matrix
  /// Whether points are rotated back.
  package var isInverse: Bool
  /// The number of rows.
  package var count: Int

  package init(
    target: Matrix, heads: Int, positions: any Buffer, table: Matrix, isInverse: Bool = false, count: Int
  ) {
    self.target = target
    self.heads = heads
    self.positions = positions
    self.table = table
    self.isInverse = isInverse
    self.count = count
  }

  /// The number of pairs of columns that are rotated in a head.
  package var pairs: Int { table.columns / 2 }

  package var headWidth: Int { target.columns / heads }

  package func validate() throws {
    guard heads > 0, target.columns % heads == 0, table.columns.isMultiple(of: 2),
      table.columns <= target.columns / heads
    else {
      throw ComputeError.invalid(
        Self.name, "a width of \(target.columns) is not \(heads) heads of \(table.columns) columns or more")
    }
    try target.check("target", rows: count, in: Self.name)
    try table.check("table", rows: count > 0 ? 1 : 0, columns: table.columns, in: Self.name)
    try checkIndices(positions, "positions", count: count, in: Self.name)
  }
}

extension Rotary: DeviceOperation {
  package func run(on device: any Device) throws { try device.rotary(self) }
}

extension ForwardingDevice {
  package func rotary(_ operation: Rotary) throws { try perform(operation) }
}
