import Foundation

/// The configuration of a checkpoint under TransformerLens's keys, as it is read and written.
// swift-format-ignore: AlwaysUseLowerCamelCase
struct CheckpointConfiguration: Codable {
  var n_layers, d_model, n_heads, d_head, d_mlp, d_vocab, n_ctx: Int
  var act_fn: String?
  var normalization_type: String?
  var eps: Float?
  /// Our own key: `none`, `learned` or `rotary`.
  var positions: String?
  /// TransformerLens's key: `standard` or `rotary`. It has no value for `none`, which is stored as a table of
  /// zeros.
  var positional_embedding_type: String?

  init(_ configuration: ModelConfiguration) {
    n_layers = configuration.layers
    d_model = configuration.dModel
    n_heads = configuration.heads
    d_head = configuration.dHead
    d_mlp = configuration.dMLP
    d_vocab = configuration.vocabulary
    n_ctx = configuration.context
    act_fn = "gelu"
    normalization_type = "LN"
    eps = configuration.epsilon
    positions = configuration.positions.rawValue
    positional_embedding_type = configuration.positions == .rotary ? "rotary" : "standard"
  }

  /// Reads the JSON of a file. Every key is either computed as it says, refused by name, or known to change
  /// nothing.
  ///
  /// - Parameters:
  ///   - hasPositionTable: whether the file has `pos_embed.W_pos`.
  ///   - fail: makes an error of a reason.
  /// - Returns: the model's shape, and notes on how it was read.
  static func read(
    _ json: String, hasPositionTable: Bool, fail: (String) -> ModelError
  ) throws -> (ModelConfiguration, notes: [String]) {
    let (data, decoder) = (Data(json.utf8), JSONDecoder())
    let described: CheckpointConfiguration
    let keys: [String: JSONValue]
    do {
      keys = try decoder.decode([String: JSONValue].self, from: data)
      try ConfigurationRules.check(keys, fail: fail)
      described = try decoder.decode(CheckpointConfiguration.self, from: data)
    } catch let error as DecodingError {
      throw fail("its configuration \(explain(error)): \(json.prefix(200))")
    }
    let configuration = try described.configuration(hasPositionTable: hasPositionTable, fail: fail)
    let notes = keys["act_fn"] == nil ? ["the configuration has no act_fn; read as gelu"] : []
    return (configuration, notes)
  }

  private static func explain(_ error: DecodingError) -> String {
    switch error {
    case .keyNotFound(let key, _): "lacks \(key.stringValue)"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      context.codingPath.last.map { "has the wrong kind of value under \($0.stringValue)" }
        ?? "is not an object"
    default: "is not JSON"
    }
  }

  private func configuration(
    hasPositionTable: Bool, fail: (String) -> ModelError
  ) throws -> ModelConfiguration {
    guard n_heads >= 1, d_head >= 1, d_model >= 1, d_head <= d_model / n_heads, d_head * n_heads == d_model
    else { throw fail("\(n_heads) heads of width \(d_head) don't make a d_model of \(d_model)") }
    return ModelConfiguration(
      layers: n_layers, heads: n_heads, dModel: d_model, dMLP: d_mlp, vocabulary: d_vocab, context: n_ctx,
      positions: try knownPositions(hasPositionTable: hasPositionTable, fail: fail), epsilon: eps ?? 1e-5)
  }

  /// The kind of positions: from `positions`, else from `positional_embedding_type`, else from the tensors.
  /// The two keys must agree.
  private func knownPositions(
    hasPositionTable: Bool, fail: (String) -> ModelError
  ) throws -> ModelConfiguration.Positions {
    let isRotary = positional_embedding_type?.lowercased() == "rotary"
    guard let positions else {
      if positional_embedding_type?.lowercased() == "none" { return .none }
      return isRotary ? .rotary : hasPositionTable ? .learned : .none
    }
    guard let known = ModelConfiguration.Positions(rawValue: positions) else {
      let all = ModelConfiguration.Positions.allCases.map(\.rawValue).joined(separator: ", ")
      throw fail("positions '\(positions)' is not supported, only \(all)")
    }
    if let positional_embedding_type, isRotary != (known == .rotary) {
      throw fail(
        "positions '\(positions)' and positional_embedding_type '\(positional_embedding_type)' contradict each other"
      )
    }
    return known
  }
}

/// The configuration as it is written. It also has those TransformerLens keys that are equal for all of our
/// models, so that TransformerLens computes the same function whatever its defaults are.
// swift-format-ignore: AlwaysUseLowerCamelCase
struct WrittenConfiguration: Encodable {
  private struct Rotary: Encodable {
    var rotary_dim: Int
    var rotary_base = RotarySpec.usualBase
    /// False because column j of a head is rotated together with column j + d_head/2, not with its neighbour.
    var rotary_adjacent_pairs = false
  }

  private struct Constant: Encodable {
    var attention_dir = "causal"
    var attn_only = false
    var final_rms = false
    var gated_mlp = false
    var parallel_attn_mlp = false
    var post_embedding_ln = false
    var use_attn_scale = true
  }

  let configuration: ModelConfiguration

  func encode(to encoder: any Encoder) throws {
    try CheckpointConfiguration(configuration).encode(to: encoder)
    try Constant().encode(to: encoder)
    if configuration.positions == .rotary { try Rotary(rotary_dim: configuration.dHead).encode(to: encoder) }
  }
}
