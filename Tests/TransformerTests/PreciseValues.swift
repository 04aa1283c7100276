import Compute
import Testing

@testable import Transformer

/// The results of the last pass, with the full precision of the device.
extension Transformer {
  func preciseLoss() throws -> Double { try device.readDoubles(loss, 0..<1)[0] }

  func preciseLogits(_ batch: Batch) throws -> [Double] {
    let logits = try #require(activations).logits
    return try device.readDoubles(logits.buffer, 0..<batch.outputRows.extent * logits.columns)
  }

  func preciseGradients() throws -> [Double] { try lastGradients().readDoubles(0..<layout.count, on: device) }
}
