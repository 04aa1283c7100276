import Compute
import Transformer

/// The published score of what heads share, from the gradients of the last backward: the norm of the loss gradient of a key head's
/// value weights, which is the sum of the gradients of the copies that its heads of queries have.
package struct KeyGroupNorms {
  /// [layer][key head]
  package let values: [[Double]]

  /// - Throws: what the device throws.
  package init(_ transformer: Transformer) throws {
    let configuration = transformer.configuration
    let gradients = try transformer.lastGradients()
    values = try (0..<configuration.layers).map { layer in
      let place = segment(.valueProjection(layer: layer), transformer.layout)
      let end = place.offset + (place.rows - 1) * place.stride + place.columns
      let gradient = try gradients.readDoubles(place.offset..<end, on: transformer.device)
      return Self.norms(gradient, place, configuration)
    }
  }

  private static func norms(
    _ gradient: [Double], _ place: Segment, _ configuration: ModelConfiguration
  ) -> [Double] {
    let width = place.columns / configuration.heads
    let shared = configuration.architecture.keySharing * width
    return stride(from: 0, to: place.columns, by: shared).map { group in
      var squares = 0.0
      for row in 0..<place.rows {
        let first = row * place.stride + group
        for column in first..<first + width {
          let sum = stride(from: column, to: column + shared, by: width).reduce(0.0) { $0 + gradient[$1] }
          squares += sum * sum
        }
      }
      return squares.squareRoot()
    }
  }
}
