import Compute
import Transformer

/// Reads the gradient magnitudes of every component of every model after a backward. It does not change the
/// training.
package struct GradientProbe {
  private let transformer: Transformer
  private let segments: [ParameterStore.ModelSegment]
  /// float32 [models, components]
  private let norms: any Buffer

  package init(_ transformer: Transformer) throws {
    self.transformer = transformer
    let own = Component.all(of: transformer.configuration).map { segment(.component($0), transformer.layout) }
    segments = (0..<transformer.modelCount).flatMap { model in
      own.map { ParameterStore.ModelSegment($0, ofModel: model) }
    }
    norms = try transformer.device.makeBuffer(count: max(segments.count, 1))
  }

  /// [models][components]: the Frobenius norms of the gradients that score components
  /// (`GradientNorms.Part.component`).
  ///
  /// - Throws: `ModelError.batch` if no backward has run, or what the device throws.
  package func read() throws -> [[Double]] {
    let gradients = try transformer.lastGradients()
    try gradients.norms(of: segments, into: norms, on: transformer.device)
    let all = try transformer.device.readDoubles(norms, 0..<segments.count)
    let width = segments.count / max(transformer.modelCount, 1)
    return (0..<transformer.modelCount).map { Array(all[$0 * width..<($0 + 1) * width]) }
  }
}
