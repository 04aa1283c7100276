import Compute
import Tasks
import Transformer

/// The forward that scores differentiate, its activations on the host, and their replacements.
final class CleanPass {
  let sequences: [TokenSequence]
  let batch: Batch
  let forward: KeptForward
  let record: ActivationRecord
  /// [rows, columns]: what forwards from the outputs of components begin with. Kept only for integrated gradients.
  private(set) var entries: [HookPoint: any Buffer] = [:]
  private let request: GradientScoreRequest
  /// The corrupted partners' activations, with the same rows as the clean ones; nil if no replacement comes
  /// from them.
  private let corrupted: ActivationRecord?
  private let layers: Int
  private var differences: [HookPoint: HostMatrix] = [:]

  /// - Throws: `GradientScoreError.missingPartners`; `.sharedRows` for a batch whose sequences share rows.
  init(
    _ request: GradientScoreRequest, _ sequences: [TokenSequence], partners: [TokenSequence]?,
    on transformer: Transformer
  ) throws {
    let (configuration, device) = (transformer.configuration, transformer.device)
    self.request = request
    self.sequences = sequences
    layers = configuration.layers
    let points = request.recordedPoints
    if request.method == .noising {
      guard let partners else { throw GradientScoreError.missingPartners }
      let record = ActivationRecord(on: device)
      try transformer.forward(
        try Batch(partners, .live, for: configuration, on: device), hooks: record.hooks(points))
      corrupted = record
    } else {
      corrupted = nil
    }
    let batch = try Batch(sequences, .live, for: configuration, on: device)
    let ranges = batch.sequenceRows.flatMap { $0 } + batch.sequenceOutputRows.flatMap { $0 }
    guard ranges.reduce(0, { $0 + $1.count }) == batch.rows.rowCount + batch.outputRows.rowCount else {
      throw GradientScoreError.sharedRows
    }
    let record = ActivationRecord(on: device)
    var hooks = record.hooks(points)
    var entries: [HookPoint: any Buffer] = [:]
    if request.asks(forAnyOf: .integratedGradients) {
      let points = request.components.reduce(into: Set<HookPoint>()) {
        $0.formUnion(ForwardStart(atOutputOf: $1).entries)
      }
      hooks = hooks.then(
        Hooks(points: points) { point, matrix, rows in
          // Backwards that compute activations again run the hook again.
          guard entries[point] == nil else { return }
          let count = rows.extent * matrix.columns
          let kept = try device.makeBuffer(count: count)
          try device.copy(from: matrix.buffer, matrix.offset..<matrix.offset + count, to: kept, at: 0)
          entries[point] = kept
        })
    }
    forward = try transformer.keptForward(batch, hooks: hooks)
    self.batch = batch
    self.record = record
    self.entries = entries
  }

  /// Replacement − activation, for every row at a hook.
  ///
  /// - Throws: `ImportanceError.missingMeans`, `GradientScoreError.notRecorded`.
  func difference(at point: HookPoint) throws -> HostMatrix {
    if let known = differences[point] { return known }
    var result = try record[point]
    switch try request.value(at: point) {
    case .zero: for i in result.values.indices { result.values[i] = -result.values[i] }
    case .constant(let vector):
      for first in stride(from: 0, to: result.values.count, by: result.width) {
        for c in 0..<result.width { result.values[first + c] = vector[c] - result.values[first + c] }
      }
    case .run:
      guard let corrupted else { throw GradientScoreError.missingPartners }
      result = try corrupted[point] - result
    case .difference:
      throw ImportanceError.mismatch("attributions replace outputs; edges have their own scores")
    }
    differences[point] = result
    return result
  }

  /// The rows of each sample at a hook.
  func rows(at point: HookPoint) -> [Range<Int>] { batch.rows(at: point, layers: layers)[0] }

  /// The positions of a sample's rows at a hook.
  func positions(at point: HookPoint, sample: Int) -> [Int] {
    let live = batch.sequenceRows[0][sample].count
    guard batch.isNarrow(at: point, layers: layers) else { return Array(0..<live) }
    return sequences[sample].targets.indices.filter { sequences[sample].targets[$0] >= 0 }
  }
}

extension Batch {
  /// For each lane and sequence, its rows at a hook.
  func rows(at point: HookPoint, layers: Int) -> [[Range<Int>]] {
    isNarrow(at: point, layers: layers) ? sequenceOutputRows : sequenceRows
  }

  /// Whether a live batch has only output rows at a hook: in the last block, after its keys and values.
  func isNarrow(at point: HookPoint, layers: Int) -> Bool {
    switch point {
    case .query(let layer), .z(let layer), .residMid(let layer), .mlpOut(let layer):
      selection == .live && layer == layers - 1
    default: false
    }
  }
}

extension GradientScoreRequest {
  /// The hooks of the forward to record; none for scores of weights.
  fileprivate var recordedPoints: Set<HookPoint> {
    var points = Set<HookPoint>()
    if reads(.outputs, .attention) {
      points.formUnion(components.map { Site.output($0).hook })
    }
    if reads(.attention) {
      for component in components where component.head != nil {
        points.formUnion([.query(component.layer), .key(component.layer), .value(component.layer)])
      }
    }
    return points
  }
}
