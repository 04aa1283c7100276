import Compute

/// Llama 2 and 3 (Touvron et al. 2023, arXiv:2307.09288) and Qwen 2 and 3: RMS norms, gated MLPs, rotary positions, and
/// keys and values that groups of heads share. The file has weights as [out, in].
enum Llama: CheckpointFamily {
  static let types = ["llama", "qwen2", "qwen3"]

  static func configuration(_ keys: FamilyKeys) throws -> ModelConfiguration {
    let type = try keys.type()
    let isQwen = type != "llama"
    let (heads, width) = (try keys.whole("num_attention_heads", 32), try keys.whole("hidden_size", 4096))
    var architecture = Architecture()
    architecture.norm = .rms
    architecture.isGatedMLP = true
    architecture.activation = try keys.activation("hidden_act", "silu")
    architecture.headWidth = try keys.whole("head_dim", type == "qwen3" ? 128 : width / max(heads, 1))
    architecture.normalisesQueriesAndKeys = type == "qwen3"
    architecture.rotary = try keys.rotary(headWidth: architecture.headWidth ?? 0)
    architecture.isTied = try keys.flag("tie_word_embeddings", false)
    architecture.biases = []
    if type == "qwen2" {
      architecture.biases = .queryKeyValue
    } else if try keys.flag("attention_bias", false) {
      architecture.biases = [.queryKeyValue, .attentionOutput]
    }
    if isQwen {
      try keys.require("use_sliding_window", .bool(false))
      _ = try keys.words("layer_types", among: ["full_attention"])
    } else if try keys.flag("mlp_bias", false) {
      architecture.biases.insert(.mlp)
    }
    let keyHeads = try keys.whole("num_key_value_heads", isQwen ? 32 : heads)
    architecture.keySharing = try keys.sharing(heads: heads, keyHeads: keyHeads)
    return ModelConfiguration(
      layers: try keys.whole("num_hidden_layers", 32), heads: heads, dModel: width,
      dMLP: try keys.whole("intermediate_size", isQwen ? 22016 : 11008),
      vocabulary: try keys.whole("vocab_size", isQwen ? 151936 : 32000),
      context: try keys.whole("max_position_embeddings", isQwen ? 32768 : 2048), positions: .rotary,
      epsilon: Float(try keys.number("rms_norm_eps", 1e-6)), architecture: architecture)
  }

  static func tensors(_ layout: ParameterLayout, _ exists: (String) -> Bool) -> [NamedTensor] {
    let root = exists("model.embed_tokens.weight") ? "model." : ""
    var tensors: [NamedTensor] = [.matrix(root + "embed_tokens.weight", layout.embedding)]
    for (layer, block) in layout.blocks.enumerated() {
      let prefix = "\(root)layers.\(layer)."
      tensors += block.attention.norm.tensors(prefix + "input_layernorm")
      tensors += attention(prefix + "self_attn.", block)
      tensors += block.mlp.norm.tensors(prefix + "post_attention_layernorm")
      tensors += mlp(prefix + "mlp.", block)
    }
    tensors += layout.finalNorm.tensors(root + "norm")
    return tensors + (layout.unembedding?.transposed("lm_head") ?? [])
  }

  /// The linear maps of the attention, and the norms of queries and keys if there are any.
  static func attention(_ prefix: String, _ block: ParameterLayout.Block) -> [NamedTensor] {
    var tensors = ["q", "k", "v"].enumerated().flatMap { index, letter in
      projection("\(prefix)\(letter)_proj", block, index)
    }
    if let norms = block.attention.headNorms {
      tensors.append(headNorm(prefix + "q_norm.weight", norms.query, block.spec.attention))
      tensors.append(headNorm(prefix + "k_norm.weight", norms.key, block.spec.attention))
    }
    return tensors + block.attention.output.transposed(prefix + "o_proj")
  }

  /// The linear maps of a gated MLP.
  static func mlp(_ prefix: String, _ block: ParameterLayout.Block) -> [NamedTensor] {
    let (map, spec) = (block.mlp.input, block.spec.mlp)
    return half(prefix + "gate_proj", map, 0..<spec.width)
      + half(prefix + "up_proj", map, spec.width..<spec.inputWidth)
      + block.mlp.output.transposed(prefix + "down_proj")
  }

  /// The projection to queries (0), keys (1) or values (2). Shared keys and values are copied for each head of queries.
  private static func projection(_ name: String, _ block: ParameterLayout.Block, _ index: Int)
    -> [NamedTensor]
  {
    let (map, spec) = (block.attention.queryKeyValue, block.spec.attention)
    let sharing = index == 0 ? 1 : spec.keySharing
    let (heads, width) = (spec.heads / sharing, spec.headWidth)
    func tensor(_ suffix: String, _ tensor: ParameterLayout.Tensor, _ inner: [(extent: Int, stride: Int)])
      -> NamedTensor
    {
      var found = NamedTensor(
        name: name + suffix, shape: [heads * width] + inner.map(\.extent),
        offset: tensor.offset + index * spec.width, dimensions: [heads, width] + inner.map(\.extent),
        strides: [sharing * width, 1] + inner.map(\.stride))
      (found.copies, found.copyStride) = (sharing, width)
      return found
    }
    let weight = tensor(".weight", map.weight, [(map.weight.rows, map.weight.columns)])
    return [weight] + (map.bias.map { [tensor(".bias", $0, [])] } ?? [])
  }

  /// The gain of the norm of queries or keys, which all heads share.
  private static func headNorm(
    _ name: String, _ tensor: ParameterLayout.Tensor, _ spec: AttentionSpec
  ) -> NamedTensor {
    var found = NamedTensor(name: name, shape: [spec.headWidth], offset: tensor.offset, strides: [1])
    (found.copies, found.copyStride) = (spec.heads, spec.headWidth)
    return found
  }

  /// Some columns of the first matrix of an MLP.
  private static func half(_ name: String, _ map: ParameterLayout.Linear, _ columns: Range<Int>)
    -> [NamedTensor]
  {
    var tensors: [NamedTensor] = [.transposed(name + ".weight", map.weight, columns: columns)]
    if let bias = map.bias {
      tensors.append(
        NamedTensor(
          name: name + ".bias", shape: [columns.count], offset: bias.offset + columns.lowerBound, strides: [1]
        ))
    }
    return tensors
  }

  static func isTable(_ name: String) -> Bool { name.hasSuffix(".rotary_emb.inv_freq") }
}
