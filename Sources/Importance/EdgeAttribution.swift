import Compute
import Tasks
import Transformer

/// Attributions of edges to replacement by the corrupted run. For the edge u→v and each sample, the
/// attribution is the change of what u writes times the metric's gradient at v's own input, summed over rows
/// and coordinates, with its sign.
///
/// With gradients of the clean run alone this is edge attribution patching, EAP (A. Syed, C. Rager, A. Conmy,
/// arXiv:2310.10348). EAP-IG uses the mean of the gradients of `steps` runs. The embeddings of these runs lie
/// on the straight line from the corrupted to the clean run's embeddings, at shares 1/steps, 2/steps, … 1 (M.
/// Hanna, S. Pezzelle, Y. Belinkov, arXiv:2403.17806, equation 3).
package struct EdgeAttribution {
  /// The default number of steps of EAP-IG, which is its authors' choice.
  package static let defaultSteps = 5

  package let writers: [Edge.Writer]
  package let readers: [Edge.Reader]
  /// [writer][reader][sample]: 0 where the writer does not come before the reader.
  package private(set) var values: [[[Double]]]

  /// - Parameters:
  ///   - batches: the sequences of each batch, for one model.
  ///   - corrupted: a partner for each sequence, of the same length and with targets at the same positions.
  ///   - steps: the number of steps of EAP-IG; nil for EAP.
  /// - Throws: `GradientScoreError`, `ModelError.batch`, or what the device throws.
  package init(
    _ transformer: Transformer, batches: [[TokenSequence]], corrupted: [[TokenSequence]],
    metric: GradientMetric = .targetLogProbability, steps: Int? = nil
  ) throws {
    writers = Edge.Writer.all(of: transformer.configuration)
    readers = Edge.Reader.all(of: transformer.configuration)
    values = writers.map { [readers] _ in readers.map { _ in [] } }
    try checkPartners(batches, corrupted)
    for (sequences, partners) in zip(batches, corrupted) {
      let pass = try EdgePass(transformer, sequences, partners, metric)
      let found = try pass.run(writers, readers, steps: steps)
      for (w, row) in (found.integrated ?? found.clean).enumerated() {
        for (r, samples) in row.enumerated() { values[w][r] += samples }
      }
    }
  }

  /// EAP and EAP-IG of one batch, from the same passes.
  ///
  /// - Parameter corrupted: a partner for each sequence, of the same length and with targets at the same positions.
  /// - Throws: as the initialiser.
  static func both(
    _ transformer: Transformer, _ sequences: [TokenSequence], corrupted: [TokenSequence],
    metric: GradientMetric = .targetLogProbability, steps: Int = defaultSteps
  ) throws -> (eap: EdgeAttribution, integrated: EdgeAttribution) {
    try checkPartners([sequences], [corrupted])
    let (writers, readers) = (
      Edge.Writer.all(of: transformer.configuration), Edge.Reader.all(of: transformer.configuration)
    )
    let found = try EdgePass(transformer, sequences, corrupted, metric).run(writers, readers, steps: steps)
    return (
      EdgeAttribution(writers: writers, readers: readers, values: found.clean),
      EdgeAttribution(writers: writers, readers: readers, values: found.integrated ?? [])
    )
  }

  private init(writers: [Edge.Writer], readers: [Edge.Reader], values: [[[Double]]]) {
    self.writers = writers
    self.readers = readers
    self.values = values
  }

  /// The values of an edge, sample by sample; nil for an edge that does not exist.
  package subscript(edge: Edge) -> [Double]? {
    guard let w = writers.firstIndex(of: edge.writer), let r = readers.firstIndex(of: edge.reader) else {
      return nil
    }
    return values[w][r]
  }
}

/// One batch of an edge attribution.
private struct EdgePass {
  private let transformer: Transformer
  private let batch: Batch
  private let metric: MetricGradient
  /// The clean run's activations at the hook of every writer.
  private let clean: ActivationRecord
  private let corrupted: ActivationRecord

  init(
    _ transformer: Transformer, _ sequences: [TokenSequence], _ partners: [TokenSequence],
    _ metric: GradientMetric
  ) throws {
    let (configuration, device) = (transformer.configuration, transformer.device)
    self.transformer = transformer
    let points = Set(Edge.Writer.all(of: configuration).map(\.site.hook))
    func record(_ batch: Batch) throws -> ActivationRecord {
      let record = ActivationRecord(on: device)
      try transformer.forward(batch, hooks: record.hooks(points))
      return record
    }
    corrupted = try record(Batch(partners, .all, for: configuration, on: device))
    batch = try Batch(sequences, .all, for: configuration, on: device)
    clean = try record(batch)
    self.metric = try MetricGradient(
      metric, sequences, partners: partners, batch: batch, on: transformer)
  }

  /// [writer][reader][sample], with gradients of the clean run and, if there are steps, with the mean of the steps' gradients.
  /// The clean run is the last step.
  func run(
    _ writers: [Edge.Writer], _ readers: [Edge.Reader], steps: Int?
  ) throws -> (clean: [[[Double]]], integrated: [[[Double]]]?) {
    let configuration = transformer.configuration
    let samples = batch.sequenceRows[0]
    var products = StreamProducts(
      changes: try changes(of: writers), samples: samples,
      firstReaders: writers.map { writer in
        readers.firstIndex { writer.site.precedes($0.site(in: configuration), in: configuration) }
          ?? readers.count
      }, readers: readers.count)
    let places = Dictionary(
      uniqueKeysWithValues: readers.enumerated().map { ($1.site(in: configuration), $0) })
    func addGradients(_ hooks: Hooks) throws {
      let forward = try transformer.keptForward(batch, hooks: hooks)
      try transformer.backward(
        forward, .none, logitsGradient: metric.logitsGradient,
        inputs: { input in
          guard let reader = places[input.site] else { return }
          products.add(
            try transformer.device.readHostMatrix(input.gradient, rows: input.rows.extent), at: reader)
        })
    }
    func values(dividedBy count: Int) -> [[[Double]]] {
      let found = products.values()
      return writers.indices.map { w in
        readers.indices.map { r in
          samples.indices.map { i in found[i][w * readers.count + r] * metric.factors[i] / Double(count) }
        }
      }
    }
    try addGradients(.none)
    let clean = values(dividedBy: 1)
    guard let steps else { return (clean, nil) }
    let count = max(steps, 1)
    for step in 1..<count { try addGradients(embeddings(at: Double(step) / Double(count))) }
    return (clean, values(dividedBy: count))
  }

  /// The corrupted run's addition to the stream minus the clean run's, for each writer: [rows, d_model].
  private func changes(of writers: [Edge.Writer]) throws -> [HostMatrix] {
    let normalises = transformer.configuration.architecture.normalisesBranches
    // The heads of a layer follow each other.
    var layer: (index: Int, change: HostMatrix, weight: [Double])?
    return try writers.map { writer in
      let point = writer.site.hook
      guard case .component(.head(let index, _)) = writer else {
        return try corrupted[point] - clean[point]
      }
      let columns = writer.site.columns(of: transformer.configuration)
      if layer?.index != index {
        let weight = transformer.layout.blocks[index].attention.output.weight
        layer = (
          index, try corrupted[point] - clean[point],
          normalises ? [] : try transformer.values(of: weight)
        )
      }
      let change = layer?.change ?? HostMatrix(values: [], width: 0)
      if normalises { return try normalisedChange(index, columns, change, point) }
      return change.product(columns, layer?.weight ?? [], width: transformer.configuration.dModel)
    }
  }

  /// The change of what a head writes where a norm follows the heads of its block, all others of which are those of the clean
  /// run.
  private func normalisedChange(
    _ layer: Int, _ columns: Range<Int>, _ change: HostMatrix, _ point: HookPoint
  ) throws -> HostMatrix {
    let device = transformer.device
    func matrix(_ values: HostMatrix) throws -> Matrix {
      Matrix(try device.makeBuffer(values.values.map(Float.init)), columns: values.width)
    }
    let rows = change.values.count / max(change.width, 1)
    let written = try transformer.streamChange(
      ofHead: columns, layer: layer, by: matrix(change).columns(columns), heads: matrix(clean[point]),
      rows: rows)
    return try device.readHostMatrix(written, rows: rows)
  }

  /// Hooks that move the embeddings along the line from the corrupted run's to the clean run's.
  private func embeddings(at share: Double) throws -> Hooks {
    let point = Edge.Writer.embedding.site.hook
    let (one, other) = (try corrupted[point], try clean[point])
    let values = zip(one.values, other.values).map { Float($0 + share * ($1 - $0)) }
    let device = transformer.device
    return Hooks(points: [point]) { _, matrix, _ in
      try device.write(values, to: matrix.buffer, at: matrix.offset)
    }
  }
}
