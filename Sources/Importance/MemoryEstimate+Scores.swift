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

  /// Counts everything that gradient scores by mean ablation of one model take.
  ///
  /// - Parameters:
  ///   - rows: the number of rows in the largest batch.
  ///   - outputRows: the largest number of targets in a batch.
  package func addScores(
    _ configuration: ModelConfiguration, rows: Int, outputRows: Int, scores: Set<GradientScore>
  ) throws {
    try addScorePasses(configuration, rows: rows, outputRows: outputRows)
    let (d, width) = (configuration.dModel, configuration.attentionWidth)
    if scores.contains(.integratedGradients) {
      for _ in 0..<configuration.layers {
        _ = try makeBuffer(count: rows.saturatingProduct(with: d), .float32)
      }
    }
    if scores.contains(.fisher) { _ = try makeBuffer(count: SequenceGradientNorms.elementLimit, .float32) }
    _ = try makeBuffer(count: outputRows.saturatingProduct(with: configuration.vocabulary), .float32)
    // In double precision on the host: activations, their differences from what replaces them, and their gradients.
    let readings = Set(scores.map(\.reading))
    var columns = 0
    if !readings.isDisjoint(with: [.outputs, .attention]) { columns += 3 * (width + d) }
    if readings.contains(.attention) { columns += 2 * 3 * width }
    addHost(doubles: rows.saturatingProduct(with: configuration.layers * columns))
  }

  /// Counts one intervention on every component, by every method, on some samples.
  package func addSingleInterventions(
    _ configuration: ModelConfiguration, _ samples: CausalSamples, _ methods: [InterventionMethod],
    rowLimit: Int
  ) throws {
    let means = ComponentMeans(zerosFor: configuration)
    let components = Component.all(of: configuration)
    let interventions = try methods.flatMap { method in
      try ([[]] + components.map { [$0] }).map { try method.intervention(on: $0, means: means) }
    }
    var forked = samples.forked
    forked.measuresDivergence = true
    try addForkedForward(configuration, forked, interventions, rowLimit: rowLimit)
  }
}
