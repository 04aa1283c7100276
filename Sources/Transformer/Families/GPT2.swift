import Compute

/// GPT-2 (Radford et al. 2019): LayerNorm, tanh GELU, learned positions, a tied unembedding without a bias. The file has
/// weights as [in, out], and queries, keys and values in blocks, just as this program keeps them.
enum GPT2: CheckpointFamily {
  static let types = ["gpt2"]

  static func configuration(_ keys: FamilyKeys) throws -> ModelConfiguration {
    try keys.require("scale_attn_weights", .bool(true))
    try keys.require("scale_attn_by_inverse_layer_idx", .bool(false))
    try keys.require("add_cross_attention", .bool(false))
    var architecture = Architecture()
    architecture.activation = try keys.activation("activation_function", "gelu_new")
    architecture.biases = [.queryKeyValue, .attentionOutput, .mlp]
    architecture.isTied = try keys.flag("tie_word_embeddings", true)
    let width = try keys.whole("n_embd", 768)
    return ModelConfiguration(
      layers: try keys.whole("n_layer", 12), heads: try keys.whole("n_head", 12), dModel: width,
      dMLP: try keys.whole("n_inner", width.saturatingProduct(with: 4)),
      vocabulary: try keys.whole("vocab_size", 50257),
      context: try keys.whole("n_positions", 1024), positions: .learned,
      epsilon: Float(try keys.number("layer_norm_epsilon", 1e-5)), architecture: architecture)
  }

  static func tensors(_ layout: ParameterLayout, _ exists: (String) -> Bool) -> [NamedTensor] {
    let root = exists("transformer.wte.weight") ? "transformer." : ""
    var tensors: [NamedTensor] = [.matrix(root + "wte.weight", layout.embedding)]
    if let positions = layout.positions { tensors.append(.matrix(root + "wpe.weight", positions)) }
    for (layer, block) in layout.blocks.enumerated() {
      let prefix = "\(root)h.\(layer)."
      tensors += block.attention.norm.tensors(prefix + "ln_1")
      tensors += block.attention.queryKeyValue.plain(prefix + "attn.c_attn")
      tensors += block.attention.output.plain(prefix + "attn.c_proj")
      tensors += block.mlp.norm.tensors(prefix + "ln_2")
      tensors += block.mlp.input.plain(prefix + "mlp.c_fc")
      tensors += block.mlp.output.plain(prefix + "mlp.c_proj")
    }
    tensors += layout.finalNorm.tensors(root + "ln_f")
    return tensors + (layout.unembedding?.transposed("lm_head") ?? [])
  }

  static func isTable(_ name: String) -> Bool {
    name.hasSuffix(".attn.bias") || name.hasSuffix(".attn.masked_bias")
  }
}
