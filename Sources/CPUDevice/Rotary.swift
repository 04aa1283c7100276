import CPUKernelTable
import Compute

extension CPUDevice {
  package func rotary(_ operation: Rotary) throws {
    try operation.validate()
    let name = Rotary.name
    let (target, table, pairs) = (operation.target, operation.table, operation.pairs)
    let x = try floats(target, in: name)
    let cosines = try floats(table, in: name)
    let positions = try indices(
      operation.positions, count: operation.count, in: 0..<table.availableRows, "position", of: name)
    forEachRow(operation.count) { row in
      let angles = cosines + Int(positions[row]) * table.stride
      kernels.rotary(
        RotaryRow(
          row: x + row * target.stride, heads: operation.heads, headWidth: operation.headWidth, pairs: pairs,
          cosines: angles, sines: angles + pairs, direction: operation.isInverse ? -1 : 1))
    }
  }
}
