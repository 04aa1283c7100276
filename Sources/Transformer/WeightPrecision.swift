/// How a device keeps the weights of a model.
package enum WeightPrecision: String, Sendable, CaseIterable {
  /// Matrices of products that the files have in half precision stay so, and are widened for each product; everything
  /// else, embeddings and vectors too, is in single precision. The results have the same bits.
  case keep
  /// Everything is in single precision.
  case float32
}
