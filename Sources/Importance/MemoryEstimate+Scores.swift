import Tasks
import Transformer

extension MemoryEstimate {
  /// Counts what gradient scores keep beside the activations of a pass: what the passes of
  /// integrated gradients start from, the metric's gradient, and the weight gradients of many samples.
  ///
  /// - Parameter rows: the number of rows in the largest batch.
  package func addGradientScores(_ configuration: ModelConfiguration, rows: Int) throws {
    try addEntries(configuration, rows: rows)
    _ = try makeBuffer(count: rows.saturatingProduct(with: configuration.vocabulary), .float32)
    try addSampleGradients(configuration)
  }

  /// Counts everything that means and gradient scores take.
  ///
  /// - Parameters:
  ///   - batches: the sequences of each batch, for one model.
  ///   - method: what attributions replace outputs with.
  ///   - metric: what they estimate changes of.
  package func addScores(
    _ configuration: ModelConfiguration, _ batches: [[TokenSequence]], scores: Set<GradientScore>,
    method: InterventionMethod, metric: GradientMetric
  ) throws {
    func largest(_ count: (TokenSequence) -> Int) -> Int {
      batches.map { $0.reduce(0) { $0 + count($1) } }.max() ?? 0
    }
    let rows = largest(\.tokens.count)
    let outputRows = largest { $0.targets.count { $0 >= 0 } }
    // Means are over all rows of a batch, and their passes end before logits; those of corrupted runs do not.
    try addForward(configuration, rows: rows, outputRows: method == .noising ? outputRows : 0)
    // The passes of integrated gradients take sequences together, up to a number of rows.
    let isIntegrated = scores.contains(.integratedGradients)
    let passRows = isIntegrated ? max(rows, GradientScores.defaultRowLimit) : rows
    let passOutputs = (outputRows.saturatingProduct(with: passRows) + max(rows, 1) - 1) / max(rows, 1)
    try addScorePasses(configuration, rows: passRows, outputRows: passOutputs)
    if isIntegrated { try addEntries(configuration, rows: rows) }
    if scores.contains(.fisher) { try addSampleGradients(configuration) }
    let readings = Set(scores.map(\.reading))
    let readsOutputs = !readings.isDisjoint(with: [.outputs, .attention])
    // A logit difference has a gradient of its own, and its logits are read.
    let logits = passOutputs.saturatingProduct(with: configuration.vocabulary)
    let readsLogits = readsOutputs && metric == .logitDifference
    if readsLogits { _ = try makeBuffer(count: logits, .float32) }
    // In double precision on the host: activations, those of the corrupted run, their differences from what replaces them, and their
    // gradients; and before that, the second matrix of one MLP.
    let (d, width) = (configuration.dModel, configuration.attentionWidth)
    // Where heads share keys, a layer's gradient of queries, keys and values is read as well.
    let shared = configuration.sharesKeys ? 3 * width : 0
    let matrices = method == .noising ? 4 : 3
    var columns = 0
    if readsOutputs { columns += matrices * (width + d) }
    if readings.contains(.attention) { columns += (matrices - 1) * 3 * width }
    addHost(
      doubles: max(
        rows.saturatingProduct(with: configuration.layers * columns) + (readsLogits ? 2 * logits : 0),
        d.saturatingProduct(with: max(configuration.dMLP, shared))))
  }

  /// Counts scores of every edge on a batch.
  ///
  /// - Parameters:
  ///   - rows: the number of rows in the largest batch.
  ///   - samples: the number of sequences in it.
  ///   - metric: what they estimate changes of.
  package func addEdgeScores(
    _ configuration: ModelConfiguration, rows: Int, samples: Int,
    metric: GradientMetric = .targetLogProbability
  ) throws {
    if metric == .logitDifference {
      let logits = rows.saturatingProduct(with: configuration.vocabulary)
      _ = try makeBuffer(count: logits, .float32)
      addHost(doubles: logits)
    }
    try addForward(configuration, rows: rows, outputRows: rows)
    try addInputPasses(configuration, rows: rows, outputRows: rows)
    // In double precision on the host: activations of two runs and their differences; what every writer changes, the gradients
    // that are kept, and the output matrix of a layer; every sample's sums, also divided, for both scores, in an array for each
    // edge.
    let (d, width) = (configuration.dModel, configuration.attentionWidth)
    let writers = Edge.Writer.all(of: configuration).count
    let matrices = 2 * (configuration.layers * (width + d) + d) + (writers + StreamProducts.keptAtOnce) * d
    addHost(
      doubles: rows.saturatingProduct(with: matrices) + width * d
        + (6 * samples + 12).saturatingProduct(with: writers * Edge.Reader.all(of: configuration).count))
  }

  /// Counts a circuit of edges on some sequences.
  ///
  /// - Parameters:
  ///   - rows: the number of their rows.
  ///   - outputRows: those of them that have targets.
  package func addEdgeCircuit(_ configuration: ModelConfiguration, rows: Int, outputRows: Int) throws {
    let lanes = EdgeFaithfulness.lanes(configuration)
    let all = rows.saturatingProduct(with: lanes)
    try addForward(configuration, rows: all, outputRows: outputRows.saturatingProduct(with: lanes))
    // The columns that the circuit takes from streams, and the changes of every writer, minus them, and both at rows with targets.
    _ = try makeBuffer(count: all.saturatingProduct(with: 3 * configuration.attentionWidth), .float32)
    let writers = Edge.Writer.all(of: configuration).count
    for _ in 0..<2 * (writers + 1) {
      for rows in [rows, outputRows] {
        _ = try makeBuffer(count: rows.saturatingProduct(with: configuration.dModel), .float32)
      }
    }
  }

  /// Counts one intervention on every component, by every method, on chunks of samples, one after the other.
  package func addSingleInterventions(
    _ configuration: ModelConfiguration, _ chunks: [CausalSamples], _ methods: [InterventionMethod],
    rowLimit: Int
  ) throws {
    let means = ComponentMeans(zerosFor: configuration)
    let components = Component.all(of: configuration)
    let interventions = try methods.flatMap { method in
      try ([[]] + components.map { [$0] }).map { try method.intervention(on: $0, means: means) }
    }
    let samples = chunks.map { chunk in
      var forked = chunk.forked
      forked.measuresDivergence = true
      return forked
    }
    try addForkedForward(configuration, samples, interventions, rowLimit: rowLimit)
  }

  /// What forwards from the outputs of components begin with; see `ForwardStart.entries`.
  private func addEntries(_ configuration: ModelConfiguration, rows: Int) throws {
    let entries = Component.all(of: configuration).reduce(into: Set<HookPoint>()) {
      $0.formUnion(ForwardStart(atOutputOf: $1).entries)
    }
    for point in entries {
      _ = try makeBuffer(count: rows.saturatingProduct(with: point.width(of: configuration)), .float32)
    }
  }

  /// The weight gradients of many samples, of one at least.
  private func addSampleGradients(_ configuration: ModelConfiguration) throws {
    let d = configuration.dModel
    let weight = d.saturatingProduct(with: max(d, configuration.dMLP))
    _ = try makeBuffer(count: max(SequenceGradientNorms.elementLimit, weight), .float32)
  }
}
