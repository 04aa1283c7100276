import Compute
import Transformer

/// Squared norms of every sample's own weight gradients, from one backward over the batch: the weight gradient of many
/// small groups of rows is one launch, each sample a model of its own.
final class SequenceGradientNorms {
  /// [component][sample]: of the loss as the batch weighs its rows.
  private(set) var squares: [[Double]]
  private let components: [Component]
  private let configuration: ModelConfiguration
  private let device: any Device
  private let ranges: [Range<Int>]
  private let outputRanges: [Range<Int>]
  private let elementLimit: Int
  private var scratch: (any Buffer)?

  /// - Parameter elementLimit: floats of samples' gradients at a time; one sample's always fit.
  init(
    _ components: [Component], _ batch: Batch, in transformer: Transformer, elementLimit: Int = 1 << 23
  ) {
    self.components = components
    configuration = transformer.configuration
    device = transformer.device
    ranges = batch.sequenceRows.flatMap { $0 }
    outputRanges = batch.sequenceOutputRows.flatMap { $0 }
    self.elementLimit = elementLimit
    squares = components.map { [ranges] _ in [Double](repeating: 0, count: ranges.count) }
  }

  /// To be called with every pair of factors a backward comes past.
  func add(_ factors: GradientFactors) throws {
    let wanted = components.indices.filter { components[$0].weight == factors.weight }
    guard !wanted.isEmpty else { return }
    let (rows, columns) = (factors.input.columns, factors.outputGradient.columns)
    let size = rows * columns
    // The last block's MLP has output rows alone.
    let isNarrow = factors.weight == .mlpOut(configuration.layers - 1)
    let spans = isNarrow ? outputRanges : ranges
    let together = max(1, min(spans.count, elementLimit / size))
    if scratch.map({ $0.count < together * size }) ?? true {
      scratch = try device.makeBuffer(count: together * size)
    }
    guard let scratch else { return }
    let norms = try device.makeBuffer(count: together * wanted.count)
    for first in stride(from: 0, to: spans.count, by: together) {
      let chunk = spans[first..<min(first + together, spans.count)]
      // A sample without rows would leave what an earlier one wrote.
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
    components[component].outputColumns(configuration)
  }
}

extension Component {
  /// The weight its weight scores read.
  fileprivate var weight: GradientFactors.Weight { head == nil ? .mlpOut(layer) : .value(layer) }
}
