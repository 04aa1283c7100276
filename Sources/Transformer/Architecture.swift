import Compute

/// What distinguishes decoders of one family from those of another, beside their sizes. The default is the decoder that
/// this program trains: LayerNorm before each branch, two-matrix MLPs with the exact GELU, biases everywhere, and an
/// unembedding of its own.
package struct Architecture: Equatable, Sendable {
  package var norm = NormKind.layer
  package var activation = Activation.gelu
  /// Whether the MLP is gated: its first matrix gives the argument of the activation and, beside it, the factor.
  package var isGatedMLP = false
  package var arrangement = BlockSpec.Arrangement.sequential
  /// The columns of a head; nil for d_model / heads.
  package var headWidth: Int?
  /// How rotary positions rotate; nil for the whole head with the usual base.
  package var rotary: RotarySpec?
  package var biases = Biases.all
  /// Whether the unembedding is the embedding, transposed.
  package var isTied = false
  /// Whether the queries and keys of each head go through a norm of their own, before they are rotated.
  package var normalisesQueriesAndKeys = false
  /// Whether what a branch computes goes through a norm before it is added to the residual stream.
  package var normalisesBranches = false
  /// What embeddings are multiplied by before the first block; nil for 1.
  package var embeddingScale: Double?
  /// Logits are `cap·tanh(logits/cap)` of what the unembedding gives; nil without a cap.
  package var logitCap: Double?
  /// How the scores of attention are made; `slidingWindow` says what its queries see.
  package var scores = AttentionScores()
  /// The layers in which a query sees only the last keys; nil if it sees all keys before it everywhere.
  package var slidingWindow: SlidingWindow?
  /// The number of heads of queries that share keys and values in the file. The model keeps them once for each head of
  /// queries, so everything about a head is what it would be without sharing.
  package var keySharing = 1

  package init() {}

  /// Which linear maps have a bias. Norms have one if they are of the kind `.layer`.
  package struct Biases: OptionSet, Sendable {
    package let rawValue: Int
    package init(rawValue: Int) { self.rawValue = rawValue }

    package static let queryKeyValue = Biases(rawValue: 1)
    package static let attentionOutput = Biases(rawValue: 2)
    package static let mlp = Biases(rawValue: 4)
    package static let unembedding = Biases(rawValue: 8)
    package static let all: Biases = [.queryKeyValue, .attentionOutput, .mlp, .unembedding]
  }

  /// The layers whose attention has a window.
  package struct SlidingWindow: Equatable, Sendable {
    /// The largest number of keys that a query sees, its own among them.
    package var keys: Int
    /// Whether a layer has the window, by its number modulo the number of entries.
    package var layers: [Bool]

    package init(keys: Int, layers: [Bool]) {
      self.keys = keys
      self.layers = layers
    }

    func keys(inLayer layer: Int) -> Int? {
      !layers.isEmpty && layers[layer % layers.count] ? keys : nil
    }
  }

  /// Whether the program can train such a model from random parameters, and write it as a checkpoint of its own.
  package var isOwn: Bool { self == Architecture() }
}
