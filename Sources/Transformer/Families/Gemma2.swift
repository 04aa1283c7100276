import Compute

/// Gemma 2 (Gemma Team 2024, arXiv:2408.00118): Llama's block with a second norm on what each branch writes, RMS norms whose
/// gain the file stores as its distance from 1, embeddings times √d_model, capped scores and logits, and a sliding window
/// in every other layer.
///
/// The factor of embeddings is √d_model in single precision, as the family's own library computes it for a model in single
/// precision; for one in bfloat16 the library rounds it further.
enum Gemma2: CheckpointFamily {
  static let types = ["gemma2"]

  static func configuration(_ keys: FamilyKeys) throws -> ModelConfiguration {
    try keys.require("use_bidirectional_attention", .bool(false))
    // The library reads hidden_activation, and not this key of the released files.
    keys.skip("hidden_act")
    let (heads, width) = (try keys.whole("num_attention_heads", 8), try keys.whole("hidden_size", 2304))
    let layers = try keys.whole("num_hidden_layers", 26)
    var architecture = Architecture()
    architecture.norm = .rms
    architecture.isGatedMLP = true
    architecture.activation = try keys.activation("hidden_activation", "gelu_pytorch_tanh")
    architecture.headWidth = try keys.whole("head_dim", 256)
    architecture.rotary = try keys.rotary(headWidth: architecture.headWidth ?? 0)
    architecture.isTied = try keys.flag("tie_word_embeddings", true)
    architecture.biases = try keys.flag("attention_bias", false) ? [.queryKeyValue, .attentionOutput] : []
    architecture.keySharing = try keys.sharing(
      heads: heads, keyHeads: keys.whole("num_key_value_heads", 4))
    architecture.normalisesBranches = true
    architecture.embeddingScale = Double(max(width, 0)).squareRoot()
    architecture.logitCap = try keys.numberOrNull("final_logit_softcapping", 30)
    architecture.scores.cap = try keys.numberOrNull("attn_logit_softcapping", 50)
    architecture.scores.scale = 1 / (try keys.number("query_pre_attn_scalar", 256)).squareRoot()
    architecture.slidingWindow = try slidingWindow(keys, layers: layers)
    return ModelConfiguration(
      layers: layers, heads: heads, dModel: width, dMLP: try keys.whole("intermediate_size", 9216),
      vocabulary: try keys.whole("vocab_size", 256_000),
      context: try keys.whole("max_position_embeddings", 8192), positions: .rotary,
      epsilon: Float(try keys.number("rms_norm_eps", 1e-6)), architecture: architecture)
  }

  private static func slidingWindow(_ keys: FamilyKeys, layers: Int) throws -> Architecture.SlidingWindow? {
    let types = try keys.words("layer_types", among: ["sliding_attention", "full_attention"])
    if let types, types.count != layers {
      throw keys.fail("layer_types has \(types.count) entries for \(layers) layers")
    }
    let isSliding = types?.map { $0 == "sliding_attention" } ?? [true, false]
    let window = try keys.numberOrNull("sliding_window", 4096)
    guard isSliding.contains(true) else { return nil }
    guard let window, let count = Int(exactly: window) else {
      throw keys.fail("layers of sliding attention need a whole number under sliding_window")
    }
    return Architecture.SlidingWindow(keys: count, layers: isSliding)
  }

  static func tensors(_ layout: ParameterLayout, _ exists: (String) -> Bool) -> [NamedTensor] {
    let root = exists("model.embed_tokens.weight") ? "model." : ""
    var tensors: [NamedTensor] = [.matrix(root + "embed_tokens.weight", layout.embedding)]
    for (layer, block) in layout.blocks.enumerated() {
      let prefix = "\(root)layers.\(layer)."
      tensors += gain(prefix + "input_layernorm", block.attention.norm)
      tensors += Llama.attention(prefix + "self_attn.", block)
      tensors += gain(prefix + "post_attention_layernorm", block.attention.outputNorm)
      tensors += gain(prefix + "pre_feedforward_layernorm", block.mlp.norm)
      tensors += Llama.mlp(prefix + "mlp.", block)
      tensors += gain(prefix + "post_feedforward_layernorm", block.mlp.outputNorm)
    }
    tensors += gain(root + "norm", layout.finalNorm)
    return tensors + (layout.unembedding?.transposed("lm_head") ?? [])
  }

  /// A gain that the file stores as its distance from 1.
  private static func gain(_ name: String, _ norm: ParameterLayout.Norm?) -> [NamedTensor] {
    (norm?.tensors(name) ?? []).map { tensor in
      var tensor = tensor
      tensor.shift = 1
      return tensor
    }
  }

  static func isTable(_ name: String) -> Bool { Llama.isTable(name) }
}
