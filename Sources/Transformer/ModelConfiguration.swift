import Errors

/// The shape of a decoder: its sizes, and what its family computes.
package struct ModelConfiguration: Equatable, Sendable {
  /// How the model knows the positions of tokens.
  package enum Positions: String, Codable, Sendable, CaseIterable { case none, learned, rotary }

  package var layers: Int
  package var heads: Int
  package var dModel: Int
  /// The width of the MLP's hidden layer; `--d-ff` and `d_ff` in records, `d_mlp` in checkpoints.
  package var dMLP: Int
  package var vocabulary: Int
  /// The length of the longest sequence with learned positions. Without them it sets no limit.
  package var context: Int
  package var positions: Positions
  package var epsilon: Float
  package var architecture: Architecture

  package init(
    layers: Int = 4, heads: Int = 4, dModel: Int = 128, dMLP: Int = 512, vocabulary: Int = 104,
    context: Int = 32, positions: Positions = .none, epsilon: Float = 1e-5,
    architecture: Architecture = Architecture()
  ) {
    self.layers = layers
    self.heads = heads
    self.dModel = dModel
    self.dMLP = dMLP
    self.vocabulary = vocabulary
    self.context = context
    self.positions = positions
    self.epsilon = epsilon
    self.architecture = architecture
  }

  /// The number of columns of a head.
  package var dHead: Int { architecture.headWidth ?? dModel / heads }
  /// The number of columns of all heads together: d_model in the models that this program trains.
  package var attentionWidth: Int { heads * dHead }
  /// The number of heads of keys and values in the files of a model, each of which several heads may share.
  package var keyHeads: Int { heads / architecture.keySharing }
  package var sharesKeys: Bool { keyHeads < heads }

  /// - Throws: `ModelError.configuration`, which says what is wrong, for sizes that do not make a model, and
  ///   for a tensor of 2³¹ elements or more, which the indices of kernels cannot reach.
  package func validate() throws {
    // A layout with more blocks would itself fill the memory.
    let (limit, deepest) = (1 << 24, 1 << 16)
    for (name, value) in [
      ("layers", layers), ("heads", heads), ("d_model", dModel), ("d_ff", dMLP),
      ("vocabulary", vocabulary), ("context", context),
    ] {
      guard value >= 1 else { throw ModelError.configuration("\(name) must be at least 1, not \(value)") }
      guard value <= limit else {
        throw ModelError.configuration("\(name) is \(value), far beyond what this program trains (\(limit))")
      }
    }
    guard layers <= deepest else {
      throw ModelError.configuration("\(layers) layers are beyond what this program trains (\(deepest))")
    }
    guard architecture.headWidth != nil || dModel % heads == 0 else {
      throw ModelError.configuration("\(heads) heads don't divide a d_model of \(dModel)")
    }
    guard positions != .rotary || (architecture.rotary?.columns ?? dHead).isMultiple(of: 2) else {
      throw ModelError.configuration(
        "rotary positions turn pairs of columns, so a head's width must be even, not \(dHead)")
    }
    if let window = architecture.slidingWindow, window.keys < 1 {
      throw ModelError.configuration("a sliding window must have at least one key, not \(window.keys)")
    }
    for (name, value) in [
      ("a cap of logits", architecture.logitCap), ("a cap of scores", architecture.scores.cap),
      ("the scale of scores", architecture.scores.scale),
    ] {
      guard let value, !(Float(value) > 0 && Float(value).isFinite) else { continue }
      throw ModelError.configuration("\(name) must be positive, not \(value)")
    }
    guard epsilon > 0, epsilon.isFinite else {
      throw ModelError.configuration("eps must be positive, not \(epsilon)")
    }
    let largest =
      Double(dModel)
      * Double(max(3 * attentionWidth, architecture.isGatedMLP ? 2 * dMLP : dMLP, vocabulary, context))
    guard largest < 2_147_483_648 else {
      throw ModelError.configuration("one of the model's tensors has 2³¹ elements or more; make it smaller")
    }
  }
}

extension ModelConfiguration {
  /// Whether attention reads copies of keys that sequences share, in rows of their own, because they are rotated to the sequences' positions.
  var copiesSharedKeys: Bool { positions == .rotary }
}

/// Errors in a model, a checkpoint or a batch.
package enum ModelError: ExitCoded, CustomStringConvertible {
  case configuration(String)
  case checkpoint(path: String, String)
  case batch(String)
  /// - Parameter advice: what to try besides a lower learning rate or another seed.
  case diverged(step: Int, advice: String? = nil)

  /// The exit code. A configuration comes from the request; all other errors come from files or from
  /// training.
  package var exitCode: ProgramExit {
    if case .configuration = self { .usage } else { .failed }
  }

  package var description: String { message.singleLine }

  private var message: String {
    switch self {
    case .configuration(let reason): "impossible model: \(reason)"
    case .checkpoint(let path, let reason): "checkpoint \(path): \(reason)"
    case .batch(let reason): "batch: \(reason)"
    case .diverged(let step, let advice):
      "the loss is not a finite number at step \(step); try a lower learning rate or another seed"
        + (advice.map { ", or \($0)" } ?? "")
    }
  }
}
