import Compute
import Tasks
import Transformer

/// Computes metrics, and their slopes, of samples in which the output of one component lies on the line from
/// its activation to its replacement. Many are computed side by side; nothing below the component's output is
/// recomputed.
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
  /// - Parameters:
  ///   - places: of components whose outputs are in one activation.
  ///   - start: where that activation enters the forward.
  func evaluate(_ places: [Place], from start: ForwardStart) throws -> [(metric: Double, slope: Double)] {
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
      results += try evaluateTogether(Array(places[first..<end]), start)
      first = end
    }
    return results
  }

  private func evaluateTogether(_ places: [Place], _ start: ForwardStart) throws -> [(
    metric: Double, slope: Double
  )] {
    let sequences = places.map { clean.sequences[$0.sample] }
    let batch = try Batch(sequences, .live, for: transformer.configuration, on: device)
    let metric = try MetricGradient(
      request.metric, sequences, partners: partners.map { all in places.map { all[$0.sample] } },
      batch: batch, on: transformer)
    let point = Site.output(request.components[places[0].component]).hook
    let forward = try transformer.keptForward(
      batch, from: start, hooks: try cleanHooks(places, start).then(try lineHooks(places, at: point, batch)))
    let metrics = try metric.values(batch, on: transformer)
    let gradients = ActivationRecord(on: device)
    try transformer.backward(
      forward, .none, logitsGradient: metric.logitsGradient, gradientHooks: gradients.hooks([point]))
    let (difference, gradient) = (try clean.difference(at: point), try gradients[point])
    let (rows, cleanRows) = (batch.rows(at: point, layers: layers)[0], clean.rows(at: point))
    return places.enumerated().map { i, place in
      let slope = product(difference, cleanRows[place.sample], gradient, rows[i], columns(of: place))
      return (metrics[i], metric.factors[i] * slope)
    }
  }

  private func columns(of place: Place) -> Range<Int> {
    Site.output(request.components[place.component]).columns(of: transformer.configuration)
  }

  /// Hooks that write for every place what enters the forward at its start, as it is in the clean pass.
  private func cleanHooks(_ places: [Place], _ start: ForwardStart) throws -> Hooks {
    let device = device
    let clean = clean
    return Hooks(points: start.entries) { point, matrix, rows in
      guard let source = clean.entries[point] else { throw GradientScoreError.notRecorded(point.name) }
      let cleanRows = clean.rows(at: point)
      let indices = try device.makeBuffer(places.flatMap { cleanRows[$0.sample].map(Int32.init) })
      try device.gatherRows(
        GatherRows(
          input: Matrix(source, columns: matrix.columns), indices: indices, output: matrix,
          count: rows.extent))
    }
  }

  /// Hooks that move the component of each place along its line.
  private func lineHooks(_ places: [Place], at point: HookPoint, _ batch: Batch) throws -> Hooks {
    let (activation, difference) = (try clean.record[point], try clean.difference(at: point))
    let (rows, cleanRows) = (batch.rows(at: point, layers: layers)[0], clean.rows(at: point))
    var values: [Float] = []
    var blocks: [Replacement] = []
    for (i, place) in places.enumerated() {
      let columns = self.columns(of: place)
      blocks.append(
        Replacement(
          rows: rows[i], columns: columns, sourceOffset: values.count, sourceStride: columns.count))
      for row in cleanRows[place.sample] {
        let first = row * activation.width
        for c in first + columns.lowerBound..<first + columns.upperBound {
          values.append(Float(activation.values[c] + place.share * difference.values[c]))
        }
      }
    }
    let device = device
    return Hooks(points: [point]) { [values, blocks] _, matrix, _ in
      try device.replaceRows(
        ReplaceRows(target: matrix, source: try device.makeBuffer(values), replacements: blocks))
    }
  }
}

extension ForwardStart {
  /// Where the output of a component enters a forward that computes nothing below it.
  init(atOutputOf component: Component) {
    self = component.head == nil ? .mlpOutput(component.layer) : .heads(component.layer)
  }

  /// What has to be given to a forward from here, apart from the embeddings and from what is replaced as a whole.
  var entries: Set<HookPoint> {
    switch self {
    case .block(let layer): layer == 0 ? [] : [.residPre(layer)]
    case .heads(let layer): layer == 0 ? [.z(layer)] : [.residPre(layer), .z(layer)]
    case .mlpOutput(let layer): [.residMid(layer)]
    }
  }
}
