import Compute
import Foundation

/// The angles of rotary positions: at position p, pair j of a head's columns is rotated by
/// `p·base^(−2j/columns)`. Columns j and j + columns/2 form a pair, as in GPT-NeoX and by default in
/// TransformerLens.
struct RotaryTable {
  /// The number of rows: positions 0, 1, ….
  let positions: Int
  /// [positions, columns]: the cosines of a position's angles, then their sines.
  let matrix: Matrix

  init(positions: Int, _ spec: RotarySpec, on device: any Device) throws {
    self.positions = positions
    matrix = Matrix(
      try device.makeBuffer(Self.values(positions: positions, spec)), columns: spec.columns)
  }

  /// The values of the table, in double precision until the last rounding: in single precision, the product
  /// of a position in the thousands and a frequency would be off by 1e-4.
  static func values(positions: Int, _ spec: RotarySpec) -> [Float] {
    (0..<positions).flatMap { position -> [Float] in
      let angles = spec.angles(at: position)
      return angles.map { Float(cos($0)) } + angles.map { Float(sin($0)) }
    }
  }
}

extension RotarySpec {
  /// The angle of each pair of columns, in radians.
  func angles(at position: Int) -> [Double] {
    let pairs = columns / 2
    return (0..<pairs).map { Double(position) * scaled(pow(base, -Double($0) / Double(pairs))) }
  }

  private func scaled(_ frequency: Double) -> Double {
    switch scaling {
    case .none: return frequency
    case .linear(let factor): return frequency / factor
    case .llama3(let factor, let low, let high, let original):
      // The number of turns within the context of training.
      let turns = original * frequency / (2 * .pi)
      let share = min(max((turns - low) / (high - low), 0), 1)
      return (1 - share) * frequency / factor + share * frequency
    }
  }
}

extension ModelConfiguration {
  /// The angles, in radians, by which the queries and keys at a position are rotated after their hooks, for
  /// columns j and j + d_head/2 of every head. Empty unless positions are rotary.
  package func rotaryAngles(at position: Int) -> [Double] {
    block.attention.rotary?.angles(at: position) ?? []
  }
}

/// The positions of queries and keys in their sequences, as rows of `RotaryTable`: int32 buffers.
struct RotaryPositions {
  /// For each row.
  let queries: any Buffer
  /// For each output row.
  let outputQueries: any Buffer
  /// For each key.
  let keys: any Buffer

  init(_ rows: BatchRows, on device: any BufferMaking) throws {
    queries = try device.makeConstant(rows.rowPositions)
    outputQueries = try device.makeConstant(rows.outputPositions)
    keys = rows.keyRows.isEmpty ? queries : try device.makeConstant(rows.keyPositions)
  }
}

extension Transformer {
  /// Rotates the queries and keys that a block's attention reads to their positions, or rotates their
  /// gradients back. Does nothing unless positions are rotary.
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

  /// The table with at least `positions` positions.
  private func rotaryTable(positions: Int, _ spec: RotarySpec) throws -> RotaryTable {
    if let rotaryTable, rotaryTable.positions >= positions { return rotaryTable }
    // In steps of 64, so that slightly longer batches do not each make a new table.
    let made = try RotaryTable(positions: (positions + 63) / 64 * 64, spec, on: device)
    rotaryTable = made
    return made
  }
}
