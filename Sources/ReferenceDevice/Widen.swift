import Compute
import HalfPrecision

/// Numbers in half precision, one by one.
extension ReferenceDevice {
  package func widen(_ operation: Widen) throws {
    try operation.validate()
    let input = operation.input
    let words = try integers(input.words, in: Widen.name)
    let output = try writing(operation.output, in: Widen.name)
    for row in 0..<operation.count {
      for column in 0..<input.columns {
        let place = input.offset + row * input.stride + column
        let pair = UInt32(truncatingIfNeeded: words[place / 2])
        let bits = UInt16(truncatingIfNeeded: pair >> (place % 2 == 0 ? 0 : 16))
        output[row, column] = Double(input.format.value(bits))
      }
    }
  }
}
