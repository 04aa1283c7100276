import Tasks
import Transformer

/// The operations a batch needs and no more: what useful FLOP/s are counted in, the same for every program that
/// is timed on the batch.
package struct LiveWork: Equatable, Sendable {
  /// Multiplications and additions of one forward.
  package var forward: Double
  /// Of a forward and a backward to every parameter.
  package var training: Double

  /// Counts matrix products and attention, two operations a multiply-add, of one model over these sequences.
  ///
  /// A sequence ends at its last target. Every block but the last runs on all of its rows; the last computes keys
  /// and values there, and everything else, as the unembedding, at the rows that have a target. A query is counted
  /// against the keys it sees. With L rows, T of them with a target, width d and hidden width m, a block takes
  /// 2L(4d² + 2dm), the last 2L·2d² + 2T(2d² + 2dm), the unembedding 2T·d·vocabulary, attention 4d for each query and key.
  /// A backward takes two products for each of the forward's (computing attention's weights once more is an
  /// implementation's own affair). Normalisations, GELU, the softmax, the embedding and Adam are left out: together
  /// they are under 3 % of the study's step.
  package init(_ sequences: [TokenSequence], _ configuration: ModelConfiguration) {
    let (d, dMLP) = (Double(configuration.dModel), Double(configuration.dMLP))
    var total = 0.0
    for sequence in sequences {
      let targets = sequence.targets.indices.filter { sequence.targets[$0] >= 0 }
      guard let last = targets.last else { continue }
      let (rows, outputs) = (Double(last + 1), Double(targets.count))
      let pairs = rows * (rows + 1) / 2
      let outputPairs = targets.reduce(0.0) { $0 + Double($1 + 1) }
      let block = 2 * rows * (4 * d * d + 2 * d * dMLP) + 4 * d * pairs
      let lastBlock =
        2 * rows * 2 * d * d + 2 * outputs * (2 * d * d + 2 * d * dMLP) + 4 * d * outputPairs
      total += Double(configuration.layers - 1) * block + lastBlock
      total += 2 * outputs * d * Double(configuration.vocabulary)
    }
    forward = total
    training = 3 * total
  }
}
