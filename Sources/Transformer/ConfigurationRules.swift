/// The values of TransformerLens's configuration keys that describe what this program computes.
///
/// The keys are those of `TransformerBridgeConfig` in TransformerLens 4.3 and of `HookedTransformerConfig`
/// before 4.0. A key in neither list below is refused, because it may change the arithmetic.
enum ConfigurationRules {
  typealias Keys = [String: JSONValue]

  /// Checks all keys.
  ///
  /// - Throws: the error that `fail` makes for the first key, in alphabetical order, whose value is not
  ///   supported.
  static func check(_ keys: Keys, fail: (String) -> ModelError) throws {
    for (key, value) in keys.sorted(by: { $0.key < $1.key }) where !harmless.contains(key) {
      guard let rule = rules[key] else {
        throw fail(
          "its configuration has the key '\(key)' (\(value)), which this program does not know and which may "
            + "change what the model computes; remove it if it does not")
      }
      if !rule.accepts(value, keys) {
        throw fail("\(key) \(value) is not supported, only \(rule.supported)")
      }
    }
  }

  private struct Rule: Sendable {
    /// The supported values, for messages.
    var supported: String
    var accepts: @Sendable (JSONValue, Keys) -> Bool

    static let off = Rule(supported: "false") { value, _ in value.isOff }
    static let absent = Rule(supported: "null") { value, _ in value.isOff }
    static let on = Rule(supported: "true") { value, _ in value == .bool(true) || value == .number(1) }
    /// A value that is checked when the configuration is decoded.
    static let decoded = Rule(supported: "a number") { _, _ in true }
    /// A cap of zero or below is off.
    static let noCap = Rule(supported: "none (-1)") { value, _ in
      value.isOff || value.number.map { $0 <= 0 } ?? false
    }

    static func word(_ words: String...) -> Rule {
      Rule(supported: words.map { "'\($0)'" }.joined(separator: " and ")) { value, _ in
        value.text.map { words.contains($0.lowercased()) } ?? false
      }
    }

    /// One of these names, or no value.
    static func name(_ names: String...) -> Rule {
      Rule(supported: names.map { "'\($0)'" }.joined(separator: ", ")) { value, _ in
        value.isOff || value.text.map(names.contains) ?? false
      }
    }

    /// A rule that applies only if positions are rotary.
    static func rotary(_ supported: String, _ accepts: @escaping @Sendable (JSONValue, Keys) -> Bool) -> Rule
    {
      Rule(supported: supported) { value, keys in !isRotary(keys) || value == .null || accepts(value, keys) }
    }

    /// The same number as under another key, or no value (null, or TransformerLens's −1).
    static func same(as key: String) -> Rule {
      Rule(supported: "the value of \(key)") { value, keys in
        value == .null || value == .number(-1) || value == keys[key]
      }
    }
  }

  private static func isRotary(_ keys: Keys) -> Bool {
    keys["positional_embedding_type"]?.text?.lowercased() == "rotary" || keys["positions"]?.text == "rotary"
  }

  private static let rules: [String: Rule] = [
    // Sizes.
    "n_layers": .decoded, "d_model": .decoded, "n_heads": .decoded, "d_head": .decoded, "d_mlp": .decoded,
    "d_vocab": .decoded, "n_ctx": .decoded, "eps": .decoded,
    "d_vocab_out": .same(as: "d_vocab"), "n_key_value_heads": .same(as: "n_heads"),
    "per_layer_head_dim": .absent, "per_layer_num_key_value_heads": .absent,
    // The order of operations in a block and around the blocks.
    "attn_only": .off, "parallel_attn_mlp": .off, "use_normalization_before_and_after": .off,
    "post_embedding_ln": .off, "tie_word_embeddings": .off, "scale_embedding": .off,
    "architecture": .name("TransformerLensNative"),
    "original_architecture": .name("TransformerLensNative", "GPT2LMHeadModel", "neel"),
    // The MLP.
    "act_fn": .word("gelu"), "gated_mlp": .off, "num_experts": .absent, "experts_per_token": .absent,
    "norm_topk_prob": .off,
    // Norms.
    "normalization_type": .word("ln"), "final_rms": .off, "uses_rms_norm": .off, "rmsnorm_uses_offset": .off,
    "use_qk_norm": .off, "qk_norm_after_rope": .off, "layer_norm_folding": .off,
    // Attention.
    "attention_dir": .word("causal"), "use_attn_scale": .on,
    "attn_scale": Rule(supported: "-1, which is the square root of d_head") { value, keys in
      guard let scale = value.number, let width = keys["d_head"]?.number else { return value == .null }
      return scale == -1 || abs(scale - width.squareRoot()) <= 1e-6 * width.squareRoot()
    },
    "scale_attn_by_inverse_layer_idx": .off, "use_local_attn": .off,
    "attn_types": Rule(supported: "'global'") { value, _ in
      guard case .list(let types) = value else { return value == .null }
      return types.allSatisfy { $0 == .text("global") }
    },
    "attn_scores_soft_cap": .noCap, "output_logits_soft_cap": .noCap,
    // Positions. `positions` is our own key and is checked when it is decoded.
    "positions": .decoded,
    "positional_embedding_type": Rule(supported: "'standard' and 'rotary'") { value, _ in
      value == .null || value.text.map { ["standard", "rotary", "none"].contains($0.lowercased()) } ?? false
    },
    "rotary_dim": .rotary("d_head") { value, keys in value == keys["d_head"] },
    "rotary_base": .rotary("\(Int(RotarySpec.usualBase))") { value, _ in
      value == .number(RotarySpec.usualBase)
    },
    "rotary_adjacent_pairs": .rotary("false") { value, _ in value.isOff },
    "rotary_interleaved_cos_sin": .rotary("false") { value, _ in value.isOff },
    "rotary_base_local": .rotary("null") { value, _ in value.isOff },
    "rotary_scaling_factor": .rotary("1") { value, _ in value.isOff || value == .number(1) },
    "rope_scaling": .rotary("null") { value, _ in value.isOff },
    "use_NTK_by_parts_rope": .rotary("false") { value, _ in value.isOff },
    "use_yarn_rope": .rotary("false") { value, _ in value.isOff },
    // Other kinds of models.
    "load_in_4bit": .off, "is_audio_model": .off, "is_visual_model": .off, "is_stateful": .off,
    "is_multimodal": .off, "vision_hidden_size": .absent, "vision_num_layers": .absent,
    "vision_num_heads": .absent, "mm_tokens_per_image": .absent,
  ]

  /// Keys that change nothing: they describe a model's origin, initialisation or display, or are numbers for
  /// a feature that another key switches on.
  private static let harmless: Set<String> = [
    "model_name", "tokenizer_name", "tokenizer_prepends_bos", "tokenizer_appends_eos", "default_prepend_bos",
    "default_padding_side", "decoder_start_token_id", "trust_remote_code", "from_checkpoint",
    "checkpoint_index", "checkpoint_label_type", "checkpoint_value", "n_params",
    "init_mode", "init_weights", "initializer_range", "seed", "device", "n_devices", "dtype",
    "attn_implementation", "use_attn_result", "use_attn_in", "use_split_qkv_input", "use_hook_tokens",
    "use_hook_mlp_in", "ungroup_grouped_query_attention", "split_attention_weights",
    // Numbers for use_local_attn, for the NTK and YaRN forms of rotary positions, and for relative positions.
    "window_size", "NTK_by_parts_low_freq_factor", "NTK_by_parts_high_freq_factor", "NTK_by_parts_factor",
    "NTK_original_ctx_len", "yarn_factor", "yarn_attention_factor", "yarn_beta_fast", "yarn_beta_slow",
    "yarn_original_max_position_embeddings", "relative_attention_max_distance",
    "relative_attention_num_buckets",
  ]
}
