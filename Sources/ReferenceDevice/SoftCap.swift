import Compute
import Foundation

/// Caps of elements.
extension ReferenceDevice {
  package func softCap(_ operation: SoftCap) throws {
    try operation.validate()
    let input = try reading(operation.input, in: SoftCap.name)
    let output = try writing(operation.output, in: SoftCap.name)
    for row in 0..<operation.count {
      for column in 0..<operation.output.columns {
        output[row, column] = operation.cap * tanh(input[row, column] / operation.cap)
      }
    }
  }

  package func softCapBackward(_ operation: SoftCapBackward) throws {
    try operation.validate()
    let name = SoftCapBackward.name
    let output = try reading(operation.output, in: name)
    let outputGradient = try reading(operation.outputGradient, in: name)
    let inputGradient = try writing(operation.inputGradient, in: name)
    for row in 0..<operation.count {
      for column in 0..<operation.output.columns {
        let ratio = output[row, column] / operation.cap
        inputGradient[row, column] = outputGradient[row, column] * (1 - ratio) * (1 + ratio)
      }
    }
  }
}
