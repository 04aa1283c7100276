import Tasks
import Transformer

/// The mean query, key and value of every layer, for all heads. The QK fix uses them as replacements.
package struct ProjectionMeans: Equatable, Sendable {
  /// [layers][d_model]
  package let query, key, value: [[Double]]

  /// Averages over all rows of each batch, then over the batches.
  ///
  /// - Parameter batches: the sequences of each batch, for one model; all positions count.
  package init(_ transformer: Transformer, batches: [[TokenSequence]]) throws {
    let layers = 0..<transformer.configuration.layers
    let points = layers.flatMap { [HookPoint.query($0), .key($0), .value($0)] }
    let means = try HookMeans(transformer, at: points, batches: batches).values
    query = layers.map { means[3 * $0] }
    key = layers.map { means[3 * $0 + 1] }
    value = layers.map { means[3 * $0 + 2] }
  }
}
