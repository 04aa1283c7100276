import Transformer

extension MemoryEstimate {
  /// Counts what gradient scores keep beside the activations of a pass: the residual streams that the passes of
  /// integrated gradients start from, the metric's gradient, and the weight gradients of many samples.
  ///
  /// - Parameter rows: the number of rows in the largest batch.
  package func addGradientScores(_ configuration: ModelConfiguration, rows: Int) throws {
    let (d, layers) = (configuration.dModel, configuration.layers)
    for _ in 0..<layers { _ = try makeBuffer(count: rows.saturatingProduct(with: d), .float32) }
    _ = try makeBuffer(count: rows.saturatingProduct(with: configuration.vocabulary), .float32)
    // One sample's weight gradient always fits.
    let weight = d.saturatingProduct(with: max(d, configuration.dMLP))
    _ = try makeBuffer(count: max(SequenceGradientNorms.elementLimit, weight), .float32)
  }
}
