import Compute
import Concurrency
import Tasks
import Transformer

/// All requested scores for one batch: one clean forward, and one backward for each function that is
/// differentiated.
struct GradientScorePass {
  private let request: GradientScoreRequest
  private let transformer: Transformer
  private let clean: CleanPass
  private let partners: [TokenSequence]?

  private var components: [Component] { request.components }

  init(
    _ request: GradientScoreRequest, _ sequences: [TokenSequence], partners: [TokenSequence]?,
    on transformer: Transformer
  ) throws {
    self.request = request
    self.transformer = transformer
    self.partners = partners
    clean = try CleanPass(request, sequences, partners: partners, on: transformer)
  }

  /// [component][unit] for each score, and the true effects if gradients were integrated.
  ///
  /// - Parameter whileWeights: called while the gradients of weights are those of the batch's mean loss.
  func run(whileWeights: (() throws -> Void)? = nil) throws -> (
    values: [GradientScore: [[Double]]], effects: [[Double]]
  ) {
    var values: [GradientScore: [[Double]]] = [:]
    if request.reads(.weights) {
      try addWeightScores(to: &values)
      try whileWeights?()
    }
    guard request.reads(.outputs, .attention) else { return (values, []) }
    let metric = try MetricGradient(
      request.metric, clean.sequences, partners: partners, batch: clean.batch, on: transformer)
    var slopes: [[Double]] = []
    if request.asks(forAnyOf: .attributionPatching, .atpQKFix, .integratedGradients) {
      let gradients = try gradients(metric, without: nil)
      if request.asks(forAnyOf: .attributionPatching, .integratedGradients) {
        slopes = try attributions(gradients, metric)
      }
      if request.asks(forAnyOf: .attributionPatching) { values[.attributionPatching] = slopes }
      if request.asks(forAnyOf: .atpQKFix) { values[.atpQKFix] = try fixedAttributions(gradients, metric) }
    }
    if request.asks(forAnyOf: .relevancePatching) {
      values[.relevancePatching] = try attributions(gradients(metric, without: nil, rule: .relevance), metric)
    }
    if request.asks(forAnyOf: .gradDrop) { values[.gradDrop] = try droppedAttributions(metric) }
    guard request.asks(forAnyOf: .integratedGradients) else { return (values, []) }
    // Last, because its passes overwrite the activations of the clean forward.
    let integrated = try IntegratedGradients(
      request, clean, metric, cleanSlopes: slopes, partners, transformer
    )
    .run()
    values[.integratedGradients] = integrated.values
    return (values, integrated.effects)
  }

  private func addWeightScores(to values: inout [GradientScore: [[Double]]]) throws {
    let perBatch: [GradientScore] = [.frobenius, .rms, .taylor, .taylorAbsolute]
    let squares = SequenceGradientNorms(components, clean.batch, in: transformer)
    try transformer.backward(
      clean.forward, request.scores.isDisjoint(with: perBatch) ? .none : .scores,
      factors: request.asks(forAnyOf: .fisher) ? { try squares.add($0) } : nil)
    let weights = try WeightScores(transformer, components)
    for score in perBatch where request.scores.contains(score) {
      values[score] = try weights.values(score).map { [$0] }
    }
    guard request.asks(forAnyOf: .fisher) else { return }
    let loss = try MetricGradient(
      .targetLogProbability, clean.sequences, partners: nil, batch: clean.batch, on: transformer)
    values[.fisher] = squares.squares.map { samples in
      zip(samples, loss.factors).map { $0 * $1 * $1 }
    }
  }

  /// The gradients of the metric at the outputs of components, up to factors.
  ///
  /// - Parameter dropped: a layer whose outputs are held constant.
  private func gradients(
    _ metric: MetricGradient, without dropped: Int?, rule: BackwardRule = .gradient
  ) throws -> ActivationRecord {
    let record = ActivationRecord(on: transformer.device)
    var hooks = record.hooks(Set(components.map { Site.output($0).hook }))
    if let dropped { hooks = try Hooks.droppingGradients(ofLayer: dropped, on: transformer).then(hooks) }
    try transformer.backward(
      clean.forward, .none, rule: rule, logitsGradient: metric.logitsGradient, gradientHooks: hooks)
    return record
  }

  /// [component][sample]
  private func attributions(_ gradients: ActivationRecord, _ metric: MetricGradient) throws -> [[Double]] {
    try components.map { try attributions(of: $0, gradients, metric) }
  }

  private func attributions(
    of component: Component, _ gradients: ActivationRecord, _ metric: MetricGradient
  ) throws -> [Double] {
    let point = Site.output(component).hook
    let (difference, gradient) = (try clean.difference(at: point), try gradients[point])
    let columns = Site.output(component).columns(of: transformer.configuration)
    let rows = clean.rows(at: point)
    let products = concurrentMap(rows, perThread: Self.samplesPerThread) {
      product(difference, $0, gradient, $0, columns)
    }
    return zip(products, metric.factors).map { $1 * $0 }
  }

  private static let samplesPerThread = 16

  private func fixedAttributions(_ gradients: ActivationRecord, _ metric: MetricGradient) throws -> [[Double]]
  {
    // The heads of a layer follow each other.
    var last: (layer: Int, attribution: AttentionAttribution)?
    return try components.map { component in
      guard component.head != nil else { return try attributions(of: component, gradients, metric) }
      let layer = component.layer
      if last?.layer != layer { last = nil }
      var attribution = try last?.attribution ?? attentionAttribution(layer, gradients)
      last = (layer, attribution)
      attribution.columns = Site.output(component).columns(of: transformer.configuration)
      let head = attribution
      let samples = clean.sequences.indices.map { sample in
        (
          queries: clean.rows(at: .query(layer))[sample], keys: clean.rows(at: .key(layer))[sample],
          positions: clean.positions(at: .query(layer), sample: sample)
        )
      }
      let values = concurrentMap(samples) {
        head(queries: $0.queries, keys: $0.keys, positions: $0.positions)
      }
      return zip(values, metric.factors).map { $1 * $0 }
    }
  }

  /// The QK fix for all heads of a layer.
  private func attentionAttribution(_ layer: Int, _ gradients: ActivationRecord) throws
    -> AttentionAttribution
  {
    let configuration = transformer.configuration
    let (query, key, value) = (HookPoint.query(layer), HookPoint.key(layer), HookPoint.value(layer))
    func turned(_ matrix: HostMatrix, _ point: HookPoint) -> HostMatrix {
      let positions = clean.sequences.indices.flatMap { clean.positions(at: point, sample: $0) }
      return matrix.turned(to: positions, configuration)
    }
    return AttentionAttribution(
      query: turned(try clean.record[query], query), key: turned(try clean.record[key], key),
      value: try clean.record[value], queryDifference: turned(try clean.difference(at: query), query),
      keyDifference: turned(try clean.difference(at: key), key),
      valueDifference: try clean.difference(at: value), zGradient: try gradients[.z(layer)],
      columns: 0..<configuration.attentionWidth, rule: configuration.blocks[layer].attention.scores)
  }

  private func droppedAttributions(_ metric: MetricGradient) throws -> [[Double]] {
    let layers = transformer.configuration.layers
    var sums = components.map { _ in clean.sequences.map { _ in 0.0 } }
    for dropped in 0..<layers {
      let gradients = try gradients(metric, without: dropped)
      for (i, samples) in try attributions(gradients, metric).enumerated() {
        for (sample, value) in samples.enumerated() { sums[i][sample] += abs(value) }
      }
    }
    return sums.map { $0.map { $0 / Double(max(layers - 1, 1)) } }
  }
}

extension Hooks {
  /// Hooks for the backward that hold the outputs of a layer, both the attention's and the MLP's, constant.
  fileprivate static func droppingGradients(ofLayer layer: Int, on transformer: Transformer) throws -> Hooks {
    let device = transformer.device
    let source = try device.makeBuffer(count: 1)
    return Hooks(points: [.attentionOut(layer), .mlpOut(layer)]) { _, matrix, rows in
      let all = Replacement(rows: 0..<rows.extent, columns: 0..<matrix.columns, sourceOffset: nil)
      try device.replaceRows(ReplaceRows(target: matrix, source: source, replacements: [all]))
    }
  }
}

/// Σ left·right over some columns of some rows of each.
func product(
  _ left: HostMatrix, _ leftRows: Range<Int>, _ right: HostMatrix, _ rightRows: Range<Int>,
  _ columns: Range<Int>
) -> Double {
  left.values.withUnsafeBufferPointer { leftValues in
    right.values.withUnsafeBufferPointer { rightValues in
      var sum = 0.0
      for (i, j) in zip(leftRows, rightRows) {
        let (a, b) = (i * left.width, j * right.width)
        for c in columns { sum += leftValues[a + c] * rightValues[b + c] }
      }
      return sum
    }
  }
}
