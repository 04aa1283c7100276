import Compute

/// Rotates queries and keys to their positions, pair by pair.
extension ReferenceDevice {
  package func rotary(_ operation: Rotary) throws {
    try operation.validate()
    let name = Rotary.name
    let positions = try integers(operation.positions, in: name)
    let table = try reading(operation.table, in: name)
    let target = try writing(operation.target, in: name)
    let pairs = operation.pairs
    try check(positions, 0..<operation.count, below: operation.table.availableRows, "position", in: name)
    for row in 0..<operation.count {
      let position = positions[row]
      for head in 0..<operation.heads {
        for pair in 0..<pairs {
          let cosine = table[position, pair]
          let sine = operation.isInverse ? -table[position, pairs + pair] : table[position, pairs + pair]
          let first = head * operation.headWidth + pair
          let second = first + pairs
          let (a, b) = (target[row, first], target[row, second])
          target[row, first] = a * cosine - b * sine
          target[row, second] = b * cosine + a * sine
        }
      }
    }
  }
}
