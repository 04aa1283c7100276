import Compute
import Transformer

/// Scores of components' weights from the gradient of one batch's mean loss.
struct WeightScores {
  private let transformer: Transformer
  private let segments: [Segment]
  private let norms: any Buffer

  init(_ transformer: Transformer, _ components: [Component]) throws {
    self.transformer = transformer
    segments = components.map { segment(.component($0), transformer.layout) }
    norms = try transformer.device.makeBuffer(count: max(segments.count, 1))
  }

  /// One value per component, from the gradients of the last backward.
  func values(_ score: GradientScore) throws -> [Double] {
    let gradients = try transformer.lastGradients()
    switch score {
    case .taylor: return try segments.map { try products($0, gradients).reduce(0, +) }
    case .taylorAbsolute: return try segments.map { try products($0, gradients).reduce(0) { $0 + abs($1) } }
    default: break
    }
    try gradients.norms(
      of: segments.map { ParameterStore.ModelSegment($0) }, into: norms, on: transformer.device)
    let values = try transformer.device.readDoubles(norms, 0..<segments.count)
    guard score == .rms else { return values }
    return zip(values, segments).map { $1.rootMeanSquare(ofNorm: $0) }
  }

  /// weight·gradient, element by element.
  private func products(_ segment: Segment, _ gradients: ParameterStore) throws -> [Double] {
    let end = segment.offset + (segment.rows - 1) * segment.stride + segment.columns
    let values = try gradients.readDoubles(segment.offset..<end, on: transformer.device)
    let parameters = try transformer.parameters.readDoubles(segment.offset..<end, on: transformer.device)
    var result: [Double] = []
    result.reserveCapacity(segment.rows * segment.columns)
    for row in 0..<segment.rows {
      let first = row * segment.stride
      for i in first..<first + segment.columns {
        result.append(values[i] * parameters[i])
      }
    }
    return result
  }
}
