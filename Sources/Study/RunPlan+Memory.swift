import Compute
import Foundation

extension RunPlan {
  /// As `validate()`, and that the run fits the device's memory: a system that promises memory it does not have
  /// would end the program without a word.
  ///
  /// - Throws: what `validate()` throws; `StudyError.impossible` for a run too large for the device.
  public func validate(on device: any Device) throws {
    try validate()
    let machine = Double(ProcessInfo.processInfo.physicalMemory)
    let available = device.description.memory.map(Double.init) ?? machine
    guard mostBytes <= available else {
      func gibibytes(_ bytes: Double) -> String { String(format: "%.1f GiB", bytes / 1_073_741_824) }
      throw StudyError.impossible(
        "this model with batches of \(batchSize) may need \(gibibytes(mostBytes)), device "
          + "\(device.description.selector) has \(gibibytes(available)); use a smaller model or batch")
    }
  }

  /// About what a run holds at most: parameters, their gradients and Adam's two moments, and the activations of the
  /// longest batch it may draw. Doubles, because sizes asked for in jest overflow integers.
  private var mostBytes: Double {
    let (d, hidden) = (Double(model.dModel), Double(model.dMLP))
    let (layers, heads, vocabulary) = (Double(model.layers), Double(model.heads), Double(model.vocabulary))
    // Small tensors are padded, and described in about 50 words.
    let block = max(4 * d * d + 2 * d * hidden + 9 * d + hidden, 200)
    let parameters = layers * block + d * (2 * vocabulary + Double(model.context))
    let row = layers * (8 * d + 2 * hidden + heads + 4) + 16 * d + hidden + 2 * vocabulary
    let rows = Double(max(batchSize * longestSequence, 2048))
    return 4 * (4 * parameters + rows * row)
  }
}
