import Compute
import Tasks
import Transformer

/// The gradient magnitude of parts of a model: the mean over batches of the Frobenius norm of the loss
/// gradient.
package struct GradientNorms {
  /// A part of the model, and the weight whose gradient stands for it.
  package enum Part: Sendable {
    /// For a head, the head's own columns of the value projection's weight, without bias. For an MLP, its
    /// second weight matrix.
    case component(Component)
    /// The whole value projection of a layer.
    case valueProjection(layer: Int)
  }

  /// For each part, in the given order.
  package let means: [Double]
  /// The same divided by the square root of the number of weights, so that large and small parts compare (the paper's later versions).
  package let rootMeanSquares: [Double]

  /// - Parameter batches: the sequences of each batch, for one model.
  package init(_ transformer: Transformer, _ parts: [Part], batches: [[TokenSequence]]) throws {
    let device = transformer.device
    let segments = parts.map { ParameterStore.ModelSegment(segment($0, transformer.layout)) }
    let norms = try device.makeBuffer(count: max(segments.count, 1))
    // [batches, segments]: read once at the end, so that no batch waits for an earlier one.
    let all = try device.makeBuffer(count: max(batches.count * segments.count, 1))
    for (index, sequences) in batches.enumerated() {
      let batch = try Batch(sequences, .distinct, for: transformer.configuration, on: device)
      try transformer.computeGradients(batch, .scores)
      try transformer.lastGradients().norms(of: segments, into: norms, on: device)
      try device.copy(from: norms, 0..<segments.count, to: all, at: index * segments.count)
    }
    var sums = [Double](repeating: 0, count: segments.count)
    for (i, norm) in try device.readDoubles(all, 0..<batches.count * segments.count).enumerated() {
      sums[i % segments.count] += norm
    }
    let means = sums.map { $0 / Double(max(batches.count, 1)) }
    self.means = means
    rootMeanSquares = zip(means, parts).map { mean, part in
      segment(part, transformer.layout).rootMeanSquare(ofNorm: mean)
    }
  }
}

extension Segment {
  /// The root mean square of its elements, from their Frobenius norm.
  func rootMeanSquare(ofNorm norm: Double) -> Double { norm / Double(rows * columns).squareRoot() }
}

/// The place of a part's weight in a model's flat parameters.
func segment(_ part: GradientNorms.Part, _ layout: ParameterLayout) -> Segment {
  switch part {
  case .component(.head(let layer, let head)): layout.valueWeight(layer, heads: head..<head + 1)
  case .component(.mlp(let layer)): layout.blocks[layer].mlp.output.weight.segment
  case .valueProjection(let layer):
    layout.valueWeight(layer, heads: 0..<layout.blocks[layer].spec.attention.heads)
  }
}
