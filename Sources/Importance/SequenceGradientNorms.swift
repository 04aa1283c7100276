import Compute
import Transformer

/// The squared norms of every sample's own weight gradients, from one backward over the batch. The weight
/// gradients of many small groups of rows take one launch in which each sample is treated as a model.
final class SequenceGradientNorms {
  /// The number of floats of weight gradients that are in memory at a time.
  static let elementLimit = 1 << 23

  /// [component][sample]: the squared norms, for the loss with the row weights of the batch.
  private(set) var squares: [[Double]]
  private let components: [Component]
  private let configuration: ModelConfiguration
  private let device: any Device
  private let ranges: [Range<Int>]
  private let outputRanges: [Range<Int>]
  private let elementLimit: Int
  private var scratch: (any Buffer)?

  /// - Parameter elementLimit: the number of floats of samples' gradients at a time; those of one sample are
  ///   always allowed.
  init(
    _ components: [Component], _ batch: Batch, in transformer: Transformer,
    elementLimit: Int = SequenceGradientNorms.elementLimit
  ) {
    self.components = components
    configuration = transformer.configuration
    device = transformer.device
    ranges = batch.sequenceRows.flatMap { $0 }
    outputRanges = batch.sequenceOutputRows.flatMap { $0 }
    self.elementLimit = elementLimit
    squares = components.map { [ranges] _ in [Double](repeating: 0, count: ranges.count) }
  }

  /// Adds a pair of factors. It must be called with every pair that a backward passes.
  func add(_ factors: GradientFactors) throws {
    let wanted = components.indices.filter { components[$0].weight == factors.weight }
    guard !wanted.isEmpty else { return }
    let (rows, columns) = (factors.input.columns, factors.outputGradient.columns)
    let size = rows * columns
    // The MLP of the last block has only output rows.
    let isNarrow = factors.weight == .mlpOut(configuration.layers - 1)
    let spans = isNarrow ? outputRanges : ranges
    let samplesPerChunk = max(1, min(spans.count, elementLimit / size))
    if scratch.map({ $0.count < samplesPerChunk * size }) ?? true {
      scratch = try device.makeBuffer(count: samplesPerChunk * size)
    }
    guard let scratch else { return }
    let norms = try device.makeBuffer(count: samplesPerChunk * wanted.count)
    for first in stride(from: 0, to: spans.count, by: samplesPerChunk) {
      let chunk = spans[first..<min(first + samplesPerChunk, spans.count)]
      // A sample without rows would keep the values of an earlier one.
      let live = chunk.indices.filter { !chunk[$0].isEmpty }
      guard !live.isEmpty else { continue }
      try device.matmulWeightGradient(
        MatmulWeightGradient(
          input: factors.input, outputGradient: factors.outputGradient,
          weightGradient: Parameter(scratch, rows: rows, columns: columns, modelStride: size),
          rows: try RowGroups(
            live.enumerated().map { model, sample in
              RowGroup(model: model, firstRow: spans[sample].lowerBound, count: spans[sample].count)
            })))
      let segments = wanted.flatMap { component in
        let part = components[component].head == nil ? 0..<columns : outputColumns(component)
        return live.indices.map { model in
          Segment(
            offset: model * size + part.lowerBound, rows: rows, columns: part.count, stride: columns)
        }
      }
      try device.segmentNorms(SegmentNorms(input: scratch, segments: segments, output: norms))
      let values = try device.readDoubles(norms, 0..<segments.count)
      for (i, component) in wanted.enumerated() {
        for (model, sample) in live.enumerated() {
          let norm = values[i * live.count + model]
          squares[component][sample] = norm * norm
        }
      }
    }
  }

  private func outputColumns(_ component: Int) -> Range<Int> {
    Site.output(components[component]).columns(of: configuration)
  }
}

extension Component {
  /// The weight that its weight scores use.
  fileprivate var weight: GradientFactors.Weight { head == nil ? .mlpOut(layer) : .value(layer) }
}
