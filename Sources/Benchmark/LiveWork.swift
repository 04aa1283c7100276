import Tasks
import Transformer

/// The arithmetic that a batch needs at least. Useful FLOP/s are counted in it, in the same way for every
/// program that is timed on the batch.
package struct LiveWork: Equatable, Sendable {
  /// Multiplications and additions of one forward.
  package var forward: Double
  /// Multiplications and additions of a forward and a backward to every parameter.
  package var training: Double

  /// Counts the matrix products and attention of one model over these sequences, with two operations for each
  /// multiply-add.
  ///
  /// A sequence ends at its last target. Every block except the last runs on all rows. The last block
  /// computes keys and values on all rows, and everything else, like the unembedding, only at the rows that
  /// have a target. A query counts only the keys that it sees. With L rows, T of which have a target, width d
  /// and MLP width m, a block takes 2L(4d² + 2dm), the last block 2L·2d² + 2T(2d² + 2dm), the unembedding
  /// 2T·d·vocabulary, and attention 4d for each pair of query and key.
  ///
  /// A backward takes two products for each product of the forward; an implementation that recomputes the
  /// attention weights gets no credit for it. Normalisations, GELU, the softmax, the embedding and Adam are
  /// not counted: together they are under 3 % of the study's step.
  package init(_ sequences: [TokenSequence], _ configuration: ModelConfiguration) {
    let layout = ParameterLayout(configuration)
    var total = 0.0
    for sequence in sequences {
      let targets = sequence.targets.indices.filter { sequence.targets[$0] >= 0 }
      guard let last = targets.last else { continue }
      let (rows, outputs) = (Double(last + 1), Double(targets.count))
      let pairs = rows * (rows + 1) / 2
      let outputPairs = targets.reduce(0.0) { $0 + Double($1 + 1) }
      for (index, block) in layout.blocks.enumerated() {
        let perPair = 4 * Double(block.spec.attention.width)
        let projection = Double(block.attention.queryKeyValue.weight.count)
        let others = Double(
          block.attention.output.weight.count + block.mlp.input.weight.count + block.mlp.output.weight.count)
        if index + 1 < layout.blocks.count {
          total += 2 * rows * (projection + others) + perPair * pairs
        } else {
          total += 2 * rows * projection * 2 / 3 + 2 * outputs * (projection / 3 + others)
          total += perPair * outputPairs
        }
      }
      total += 2 * outputs * Double((layout.unembedding?.weight ?? layout.embedding).count)
    }
    forward = total
    training = 3 * total
  }
}
