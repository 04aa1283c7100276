import Tasks
import Transformer

extension Inspection {
  /// What the inspection takes: the model, a pass of the whole batch, and every gradient, on the device and as tensors in the
  /// host's memory.
  ///
  /// - Parameter largestAllocation: the bytes that one buffer may have, if the device sets a limit.
  package func memory(largestAllocation: Int?) throws -> MemoryEstimate {
    let (estimate, configuration) = (MemoryEstimate(), checkpoint.configuration)
    try estimate.addModel(checkpoint, weights: .float32, largestAllocation: largestAllocation)
    let rows = rowCount
    var floats = rows.saturatingProduct(with: configuration.vocabulary)
    if hasGradients {
      try estimate.addParameters(configuration, models: 1, copies: 1, largestAllocation: largestAllocation)
      try estimate.addPasses(configuration, rows: rows)
      // As they are read, and as the tensors of the file.
      floats += ParameterLayout(configuration).count.saturatingProduct(with: 2)
    } else {
      try estimate.addForward(configuration, rows: rows.saturatingProduct(with: 2), outputRows: rows)
    }
    estimate.addHost(doubles: floats / 2)
    return estimate
  }
}
