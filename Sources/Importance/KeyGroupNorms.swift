import Tasks
import Transformer

/// The published score of what heads share: the norm of the loss gradient of a key head's value weights, which is the sum of the
/// gradients of the copies that its heads of queries have. Means over batches.
package struct KeyGroupNorms {
  /// [layer][key head]
  package private(set) var values: [[Double]]

  /// - Parameter batches: the sequences of each batch, for one model.
  /// - Throws: `ModelError.batch`, or what the device throws.
  package init(_ transformer: Transformer, batches: [[TokenSequence]]) throws {
    let configuration = transformer.configuration
    let sharing = configuration.architecture.keySharing
    let groups = configuration.heads / sharing
    values = [[Double]](
      repeating: [Double](repeating: 0, count: groups), count: configuration.layers)
    for sequences in batches {
      let batch = try Batch(sequences, .live, for: configuration, on: transformer.device)
      try transformer.backward(try transformer.keptForward(batch), .scores)
      let gradients = try transformer.lastGradients()
      for layer in 0..<configuration.layers {
        let place = segment(.valueProjection(layer: layer), transformer.layout)
        let end = place.offset + (place.rows - 1) * place.stride + place.columns
        let gradient = try gradients.readDoubles(place.offset..<end, on: transformer.device)
        let width = place.columns / configuration.heads
        for group in 0..<groups {
          var squares = 0.0
          for row in 0..<place.rows {
            let first = row * place.stride + group * sharing * width
            for column in first..<first + width {
              let sum = stride(from: column, to: column + sharing * width, by: width).reduce(0.0) {
                $0 + gradient[$1]
              }
              squares += sum * sum
            }
          }
          values[layer][group] += squares.squareRoot() / Double(batches.count)
        }
      }
    }
  }
}
