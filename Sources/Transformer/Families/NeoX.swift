import Compute

/// GPT-NeoX (Black et al. 2022, arXiv:2204.06745), the family of Pythia: LayerNorm, parallel branches, the exact GELU,
/// and rotary positions on a part of each head. The file has queries, keys and values side by side for each head.
enum NeoX: CheckpointFamily {
  static let types = ["gpt_neox"]

  static func configuration(_ keys: FamilyKeys) throws -> ModelConfiguration {
    let (heads, width) = (try keys.whole("num_attention_heads", 64), try keys.whole("hidden_size", 6144))
    var architecture = Architecture()
    architecture.activation = try keys.activation("hidden_act", "gelu")
    architecture.arrangement = try keys.flag("use_parallel_residual", true) ? .parallel : .sequential
    architecture.biases = .mlp
    if try keys.flag("attention_bias", true) {
      architecture.biases.formUnion([.queryKeyValue, .attentionOutput])
    }
    architecture.isTied = try keys.flag("tie_word_embeddings", false)
    architecture.rotary = try keys.rotary(
      headWidth: width / max(heads, 1), share: ("rotary_pct", 0.25), base: "rotary_emb_base")
    return ModelConfiguration(
      layers: try keys.whole("num_hidden_layers", 44), heads: heads, dModel: width,
      dMLP: try keys.whole("intermediate_size", 24576), vocabulary: try keys.whole("vocab_size", 50432),
      context: try keys.whole("max_position_embeddings", 2048), positions: .rotary,
      epsilon: Float(try keys.number("layer_norm_eps", 1e-5)), architecture: architecture)
  }

  static func tensors(_ layout: ParameterLayout, _ exists: (String) -> Bool) -> [NamedTensor] {
    let root = exists("gpt_neox.embed_in.weight") ? "gpt_neox." : ""
    var tensors: [NamedTensor] = [.matrix(root + "embed_in.weight", layout.embedding)]
    for (layer, block) in layout.blocks.enumerated() {
      let prefix = "\(root)layers.\(layer)."
      tensors += block.attention.norm.tensors(prefix + "input_layernorm")
      tensors += queryKeyValue(prefix + "attention.query_key_value", block)
      tensors += block.attention.output.transposed(prefix + "attention.dense")
      tensors += block.mlp.norm.tensors(prefix + "post_attention_layernorm")
      tensors += block.mlp.input.transposed(prefix + "mlp.dense_h_to_4h")
      tensors += block.mlp.output.transposed(prefix + "mlp.dense_4h_to_h")
    }
    tensors += layout.finalNorm.tensors(root + "final_layer_norm")
    return tensors
      + (layout.unembedding?.transposed(exists("lm_head.weight") ? "lm_head" : "embed_out") ?? [])
  }

  /// Rows of the file are [heads, 3, d_head]; columns of the model are [3, heads, d_head].
  private static func queryKeyValue(_ name: String, _ block: ParameterLayout.Block) -> [NamedTensor] {
    let (map, spec) = (block.attention.queryKeyValue, block.spec.attention)
    let (width, columns) = (spec.width, map.weight.columns)
    let weight = NamedTensor(
      name: name + ".weight", shape: [columns, map.weight.rows], offset: map.weight.offset,
      dimensions: [spec.heads, 3, spec.headWidth, map.weight.rows],
      strides: [spec.headWidth, width, 1, columns])
    guard let bias = map.bias else { return [weight] }
    return [
      weight,
      NamedTensor(
        name: name + ".bias", shape: [columns], offset: bias.offset,
        dimensions: [spec.heads, 3, spec.headWidth],
        strides: [spec.headWidth, width, 1]),
    ]
  }

  static func isTable(_ name: String) -> Bool {
    [".attention.bias", ".attention.masked_bias", ".rotary_emb.inv_freq"].contains(where: name.hasSuffix)
  }
}
