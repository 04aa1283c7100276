import Compute
import Foundation

/// The angles of rotary positions: at position p a head's pair j of columns is turned by `p·base^(−2j/d_head)`. Columns j
/// and j + d_head/2 make a pair, as in GPT-NeoX and in TransformerLens by default.
struct RotaryTable {
  /// Rows: positions 0, 1, ….
  let positions: Int
  /// [positions, d_head]: the cosines of a position's d_head/2 angles, then their sines.
  let matrix: Matrix

  init(positions: Int, _ spec: RotarySpec, on device: any Device) throws {
    self.positions = positions
    matrix = Matrix(
      try device.makeBuffer(Self.values(positions: positions, spec)), columns: spec.columns)
  }

  /// In double precision until the last rounding: a position of thousands times a frequency in single precision would
  /// be 1e-4 off.
  static func values(positions: Int, _ spec: RotarySpec) -> [Float] {
    (0..<positions).flatMap { position -> [Float] in
      let angles = spec.angles(at: position)
      return angles.map { Float(cos($0)) } + angles.map { Float(sin($0)) }
    }
  }
}

extension RotarySpec {
  /// Radians, one for each pair of columns.
  func angles(at position: Int) -> [Double] {
    let pairs = columns / 2
    return (0..<pairs).map { Double(position) * pow(base, -Double($0) / Double(pairs)) }
  }
}

extension ModelConfiguration {
  /// Where positions are rotary: the angles, in radians, by which queries and keys of a position are turned after their
  /// hooks, for columns j and j + d_head/2 of every head. Empty for other positions.
  package func rotaryAngles(at position: Int) -> [Double] {
    blocks.first?.attention.rotary?.angles(at: position) ?? []
  }
}

/// Where what attention reads stands in its sequence: the rows of `RotaryTable` it is turned by. int32 buffers.
struct RotaryPositions {
  /// By row.
  let queries: any Buffer
  /// By output row.
  let outputQueries: any Buffer
  /// By key.
  let keys: any Buffer

  init(_ rows: BatchRows, on device: any BufferMaking) throws {
    queries = try device.makeBuffer(rows.rowPositions)
    outputQueries = try device.makeBuffer(rows.outputPositions)
    keys = rows.keyRows.isEmpty ? queries : try device.makeBuffer(rows.keyPositions)
  }
}

extension Transformer {
  /// Turns the queries and keys that a block's attention reads to their positions, or the gradients of both back; leaves
  /// them alone where positions are not rotary.
  func rotate(query: Matrix, key: Matrix, _ layer: Int, _ batch: Batch, isInverse: Bool = false) throws {
    let spec = self.layout.blocks[layer].spec.attention
    guard let rotary = spec.rotary else { return }
    guard let positions = batch.rotaryPositions else {
      throw ModelError.batch("it was made for a model without rotary positions")
    }
    let layout = batch.attention(layer, of: configuration)
    let table = try rotaryTable(positions: batch.longestSequence, rotary).matrix
    let queryPositions =
      batch.narrows(layer, of: configuration) ? positions.outputQueries : positions.queries
    for (target, positions, count) in [
      (query, queryPositions, layout.queryExtent), (key, positions.keys, layout.keyExtent),
    ] {
      try device.rotary(
        Rotary(
          target: target, heads: spec.heads, positions: positions, table: table,
          isInverse: isInverse, count: count))
    }
  }

  /// The angles of at least `positions` positions.
  private func rotaryTable(positions: Int, _ spec: RotarySpec) throws -> RotaryTable {
    if let rotaryTable, rotaryTable.positions >= positions { return rotaryTable }
    // In steps, so that batches a little longer than the last don't each make one.
    let made = try RotaryTable(positions: (positions + 63) / 64 * 64, spec, on: device)
    rotaryTable = made
    return made
  }
}
