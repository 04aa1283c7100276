import Tasks
import Transformer

extension Inspection {
  /// What the inspection takes: the model, passes of the whole batch, and what is written, as it is read from the device and as
  /// tensors of the file.
  ///
  /// - Parameter largestAllocation: the bytes that one buffer may have, if the device sets a limit.
  package func memory(largestAllocation: Int?) throws -> MemoryEstimate {
    let (estimate, configuration) = (MemoryEstimate(), checkpoint.configuration)
    try estimate.addModel(checkpoint, weights: .float32, largestAllocation: largestAllocation)
    let rows = rowCount
    let logits = rows.saturatingProduct(with: configuration.vocabulary)
    // Read, as a tensor, and read again for the scores.
    var floats = logits.saturatingProduct(with: 3)
    if hasGradients {
      try estimate.addParameters(configuration, models: 1, copies: 1, largestAllocation: largestAllocation)
      try estimate.addPasses(configuration, rows: rows)
      floats += ParameterLayout(configuration).count.saturatingProduct(with: 2)
    }
    if includesActivations {
      floats += rows.saturatingProduct(with: 2 * hookWidth)
    }
    if includesEdges {
      try estimate.addEdgeScores(configuration, rows: rows, samples: sampleCount)
    }
    if interventionCount > 0 {
      // Whether each changes anything is seen from its logits.
      try estimate.addForkedForward(
        configuration, rowLimit: max(rows, ForkedForward.defaultRowLimit), outputRows: rows)
      floats += logits.saturatingProduct(with: interventionCount + 1)
    }
    estimate.addHost(doubles: floats / 2)
    return estimate
  }
}
