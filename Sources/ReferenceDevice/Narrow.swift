import Compute
import HalfPrecision

/// Numbers in half precision, one by one.
extension ReferenceDevice {
  package func narrow(_ operation: Narrow) throws {
    try operation.validate()
    let output = operation.output
    let input = try reading(operation.input, in: Narrow.name)
    let words = try resolve(output.words, .int32, in: Narrow.name)
    for row in 0..<operation.count {
      for column in 0..<output.columns {
        let place = output.offset + row * output.stride + column
        let bits = UInt32(output.format.bits(Float(input[row, column])))
        let shift = UInt32(place % 2 * 16)
        let pair = UInt32(truncatingIfNeeded: words.integers[place / 2])
        let changed = pair & ~(0xffff << shift) | bits << shift
        words.integers[place / 2] = Int(Int32(bitPattern: changed))
      }
    }
  }
}
