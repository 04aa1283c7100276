import Compute
import Tasks
import Transformer

/// Computes metrics, and their slopes, of samples in which the output of one component lies on the line from
/// its activation to its replacement. Many are computed side by side; the blocks below the component's are
/// not recomputed.
struct LineEvaluator {
  /// The output of a component in a sample: activation + share·(replacement − activation).
  struct Place {
    /// The index of the component.
    var component: Int
    var sample: Int
    var share: Double
  }

  private let request: GradientScoreRequest
  private let clean: CleanPass
  private let partners: [TokenSequence]?
  private let transformer: Transformer

  private var device: any Device { transformer.device }
  private var layers: Int { transformer.configuration.layers }

  init(
    _ request: GradientScoreRequest, _ clean: CleanPass, _ partners: [TokenSequence]?,
    _ transformer: Transformer
  ) {
    self.request = request
    self.clean = clean
    self.partners = partners
    self.transformer = transformer
  }

  /// The metric at each place, and its derivative with respect to the share.
  ///
  /// - Parameter layer: the layer of all components in `places`.
  func evaluate(_ places: [Place], _ layer: Int) throws -> [(metric: Double, slope: Double)] {
    var results: [(metric: Double, slope: Double)] = []
    results.reserveCapacity(places.count)
    var first = 0
    while first < places.count {
      var (end, rows) = (first, 0)
      while end < places.count {
        let more = clean.batch.sequenceRows[0][places[end].sample].count
        if end > first, rows + more > request.rowLimit { break }
        rows += more
        end += 1
      }
      results += try evaluateTogether(Array(places[first..<end]), layer)
      first = end
    }
    return results
  }

  private func evaluateTogether(_ places: [Place], _ layer: Int) throws -> [(metric: Double, slope: Double)] {
    let sequences = places.map { clean.sequences[$0.sample] }
    let batch = try Batch(sequences, .live, for: transformer.configuration, on: device)
    let metric = try MetricGradient(
      request.metric, sequences, partners: partners.map { all in places.map { all[$0.sample] } },
      batch: batch, on: transformer)
    let points = Set(places.map { Site.output(request.components[$0.component]).hook })
    let forward = try transformer.keptForward(
      batch, from: layer, hooks: try residualHooks(places, layer).then(try lineHooks(places, batch)))
    let metrics = try metric.values(batch, on: transformer)
    let gradients = ActivationRecord(on: device)
    try transformer.backward(
      forward, .none, logitsGradient: metric.logitsGradient, gradientHooks: gradients.hooks(points))
    return try places.enumerated().map { i, place in
      let component = request.components[place.component]
      let point = Site.output(component).hook
      let slope = product(
        try clean.difference(at: point), clean.rows(at: point)[place.sample], try gradients[point],
        batch.rows(at: point, layers: layers)[0][i],
        Site.output(component).columns(of: transformer.configuration))
      return (metrics[i], metric.factors[i] * slope)
    }
  }

  /// Hooks that write the clean residual stream for every place.
  private func residualHooks(_ places: [Place], _ layer: Int) throws -> Hooks {
    guard layer > 0, let source = clean.residuals[layer] else { return .none }
    let point = HookPoint.residPre(layer)
    let rows = clean.rows(at: point)
    let indices = try device.makeBuffer(places.flatMap { rows[$0.sample].map(Int32.init) })
    let device = device
    return Hooks(points: [point]) { _, matrix, rows in
      try device.gatherRows(
        GatherRows(
          input: Matrix(source, columns: matrix.columns), indices: indices, output: matrix,
          count: rows.extent))
    }
  }

  /// Hooks that move the component of each place along its line.
  private func lineHooks(_ places: [Place], _ batch: Batch) throws -> Hooks {
    var sources: [HookPoint: (values: [Float], blocks: [Replacement])] = [:]
    for (i, place) in places.enumerated() {
      let component = request.components[place.component]
      let (point, columns) = (
        Site.output(component).hook, Site.output(component).columns(of: transformer.configuration)
      )
      let (activation, difference) = (try clean.record[point], try clean.difference(at: point))
      sources[point, default: ([], [])].blocks.append(
        Replacement(
          rows: batch.rows(at: point, layers: layers)[0][i], columns: columns,
          sourceOffset: sources[point]?.values.count ?? 0, sourceStride: columns.count))
      for row in clean.rows(at: point)[place.sample] {
        let first = row * activation.width
        for c in first + columns.lowerBound..<first + columns.upperBound {
          sources[point]?.values.append(
            Float(activation.values[c] + place.share * difference.values[c]))
        }
      }
    }
    let device = device
    return Hooks(points: Set(sources.keys)) { point, matrix, _ in
      guard let source = sources[point] else { return }
      try device.replaceRows(
        ReplaceRows(
          target: matrix, source: try device.makeBuffer(source.values), replacements: source.blocks))
    }
  }
}
