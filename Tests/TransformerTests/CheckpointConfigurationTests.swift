import Foundation
import Safetensors
import TestModels
import TestSupport
import Testing

@testable import Transformer

/// The small model's checkpoint with keys of its configuration added or changed, and tensors added.
private func read(
  _ keys: [String: Any], adding tensors: [SafetensorsTensor] = [], to name: String = "small.safetensors"
) throws -> Checkpoint {
  let file = try Fixtures.tensors(name)
  let json = Data(try #require(file.metadata["config"]).utf8)
  var config = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
  config.merge(keys) { $1 }
  let text = String(decoding: try JSONSerialization.data(withJSONObject: config), as: UTF8.self)
  let kept = file.tensors.filter { old in !tensors.contains { $0.name == old.name } }
  return try withFolder { folder in
    let url = folder.appendingPathComponent("model.safetensors")
    try SafetensorsFile(metadata: ["config": text], tensors: kept + tensors).write(to: url)
    return try Checkpoint(contentsOf: url)
  }
}

private func zeros(_ name: String, _ shape: [Int], _ value: Float = 0) throws -> SafetensorsTensor {
  try SafetensorsTensor(
    name: name, shape: shape, floats: [Float](repeating: value, count: shape.reduce(1, *)))
}

/// A key and its value as JSON.
struct Key: Sendable, CustomTestStringConvertible {
  var name: String
  var json: String

  init(_ name: String, _ json: String) { (self.name, self.json) = (name, json) }

  var testDescription: String { "\(name) \(json)" }

  var keys: [String: Any] {
    get throws {
      let value = try JSONSerialization.jsonObject(with: Data(json.utf8), options: .fragmentsAllowed)
      return [name: value]
    }
  }
}

@Suite("A checkpoint's configuration") struct CheckpointConfigurationTests {
  /// Unsupported values of every key of TransformerLens 4.3 that changes the arithmetic.
  static let refusedKeys = [
    Key("positional_embedding_type", "\"shortformer\""), Key("positional_embedding_type", "\"alibi\""),
    Key("positional_embedding_type", "\"relative_positional_bias\""), Key("positional_embedding_type", "5"),
    Key("positional_embedding_type", "\"rotary\""),  // beside positions learned
    Key("attention_dir", "\"bidirectional\""), Key("attention_dir", "null"), Key("use_attn_scale", "false"),
    Key("attn_scale", "5"), Key("attn_scale", "1"), Key("attn_scale", "\"big\""),
    Key("scale_attn_by_inverse_layer_idx", "true"), Key("parallel_attn_mlp", "true"),
    Key("use_local_attn", "true"), Key("attn_types", "[\"global\", \"local\", \"global\"]"),
    Key("attn_types", "\"local\""), Key("attn_scores_soft_cap", "50"), Key("output_logits_soft_cap", "30.5"),
    Key("gated_mlp", "true"), Key("post_embedding_ln", "true"), Key("use_qk_norm", "true"),
    Key("qk_norm_after_rope", "true"), Key("n_key_value_heads", "1"), Key("act_fn", "\"gelu_new\""),
    Key("act_fn", "\"relu\""), Key("act_fn", "\"solu_ln\""), Key("act_fn", "null"),
    Key("normalization_type", "\"RMS\""), Key("normalization_type", "\"LNPre\""),
    Key("normalization_type", "\"RMSPre\""), Key("normalization_type", "null"), Key("final_rms", "true"),
    Key("uses_rms_norm", "true"), Key("rmsnorm_uses_offset", "true"), Key("layer_norm_folding", "true"),
    Key("attn_only", "true"), Key("d_vocab_out", "7"), Key("tie_word_embeddings", "true"),
    Key("scale_embedding", "true"), Key("use_normalization_before_and_after", "true"),
    Key("num_experts", "8"), Key("experts_per_token", "2"), Key("per_layer_head_dim", "[8, 8, 8]"),
    Key("per_layer_num_key_value_heads", "[1, 1, 1]"), Key("architecture", "\"GemmaForCausalLM\""),
    Key("original_architecture", "\"Olmo2ForCausalLM\""), Key("load_in_4bit", "true"),
    Key("is_stateful", "true"), Key("is_multimodal", "true"), Key("is_audio_model", "true"),
    Key("is_visual_model", "true"), Key("vision_num_layers", "3"),
    // A key in neither of our lists may change the function.
    Key("residual_scale", "0.5"), Key("Rotary_dim", "8"), Key("note", "\"hello\""),
  ]

  @Test(
    "is refused with the name of the key if a key or its value is not supported",
    arguments: refusedKeys)
  func refused(key: Key) throws {
    #expect {
      _ = try read(key.keys)
    } throws: { error in
      guard case ModelError.checkpoint(_, let reason) = error else { return false }
      return reason.contains(key.name)
    }
  }

  @Test(
    "with rotary positions is refused if they use other angles or columns",
    arguments: [
      Key("rotary_dim", "2"), Key("rotary_base", "500"), Key("rotary_base", "1000000.0"),
      Key("rotary_adjacent_pairs", "true"), Key("rotary_interleaved_cos_sin", "true"),
      Key("use_NTK_by_parts_rope", "true"), Key("rope_scaling", "{\"type\": \"linear\", \"factor\": 2}"),
      Key("rotary_base_local", "10000"), Key("positional_embedding_type", "\"standard\""),
    ])
  func otherRotary(key: Key) throws {
    #expect {
      _ = try read(key.keys, to: "rotary.safetensors")
    } throws: {
      "\($0)".contains(key.name)
    }
    // Without rotary positions, these keys have no effect.
    if key.name != "positional_embedding_type" {
      #expect(try read(key.keys).configuration.positions == .learned)
    }
  }

  @Test("may have every key of TransformerLens with a supported value")
  func supported() throws {
    let text = """
      {"d_vocab_out": -1, "attn_scale": -1.0, "use_attn_scale": true, "attn_scores_soft_cap": -1.0,
      "output_logits_soft_cap": 0, "n_key_value_heads": null, "attn_types": null, "window_size": 256,
      "use_local_attn": false, "attention_dir": "causal", "attn_only": false, "gated_mlp": false,
      "parallel_attn_mlp": false, "post_embedding_ln": false, "final_rms": false, "use_qk_norm": false,
      "normalization_type": "LN", "act_fn": "GELU", "positional_embedding_type": "standard",
      "rotary_dim": null, "rotary_base": 10000, "rotary_adjacent_pairs": false, "model_name": "custom",
      "seed": 3, "device": "cpu", "dtype": "torch.float32", "init_mode": "gpt2", "default_prepend_bos": true,
      "tokenizer_name": null, "use_attn_result": true, "use_split_qkv_input": true, "n_params": 1000,
      "architecture": null, "original_architecture": "neel", "tie_word_embeddings": false,
      "NTK_by_parts_factor": 8.0, "use_NTK_by_parts_rope": false, "num_experts": null, "load_in_4bit": 0}
      """
    let keys = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let checkpoint = try read(keys)
    #expect(try checkpoint.configuration == Fixtures.small().configuration)
    #expect(checkpoint.notes.isEmpty)
    // The values as TransformerLens writes them after making a model.
    let width = checkpoint.configuration.dHead
    #expect(throws: Never.self) {
      try read([
        "attn_scale": Double(width).squareRoot(), "d_vocab_out": checkpoint.configuration.vocabulary,
        "n_key_value_heads": checkpoint.configuration.heads, "attn_types": ["global", "global", "global"],
      ])
    }
  }

  @Test("gives positions by TransformerLens's key if our own key is missing")
  func positionalEmbeddingType() throws {
    let rotary = try read(
      ["positional_embedding_type": "rotary", "positions": NSNull()], to: "rotary.safetensors")
    #expect(rotary.configuration.positions == .rotary)
    let learned = try read(["positional_embedding_type": "standard", "positions": NSNull()])
    #expect(learned.configuration.positions == .learned)
  }

  @Test("has the keys that TransformerLens needs to compute the same model")
  func written() throws {
    for positions in ModelConfiguration.Positions.allCases {
      let configuration = ModelConfiguration(
        layers: 1, heads: 2, dModel: 12, dMLP: 5, vocabulary: 7, context: 4, positions: positions)
      let text = try JSONEncoder().encode(WrittenConfiguration(configuration: configuration))
      let keys = try JSONDecoder().decode([String: JSONValue].self, from: text)
      #expect(keys["positions"] == .text(positions.rawValue))
      #expect(keys["positional_embedding_type"] == .text(positions == .rotary ? "rotary" : "standard"))
      #expect(keys["rotary_dim"] == (positions == .rotary ? .number(6) : nil))
      #expect(keys["rotary_base"] == (positions == .rotary ? .number(10_000) : nil))
      #expect(keys["rotary_adjacent_pairs"] == (positions == .rotary ? .bool(false) : nil))
      #expect(keys["attn_only"] == .bool(false))
      #expect(keys["act_fn"] == .text("gelu"))
    }
  }
}

@Suite("Tensors of a checkpoint that its configuration does not use") struct UnusedTensorTests {
  @Test(
    "are refused by name if they are weights of a model",
    arguments: [
      "blocks.3.attn.W_Q", "blocks.0.mlp.W_gate", "blocks.1.mlp.b_gate", "embed.ln.w", "blocks.0.attn._W_K",
      "blocks.2.attn.q_norm.w", "blocks.0.ln1_post.w", "unembed.W_E", "ln_final.scale",
    ])
  func weights(name: String) throws {
    let tensor = try zeros(name, [2])
    #expect {
      _ = try read([:], adding: [tensor])
    } throws: {
      "\($0)".contains("'\(name)'")
    }
  }

  @Test("give a note if they change nothing: mask tables, and tensors that are not a model's")
  func others() throws {
    let names = [
      "blocks.0.attn.mask", "blocks.1.attn.IGNORE", "blocks.0.attn.rotary_sin", "optimizer.step", "freqs",
    ]
    let complex = try SafetensorsTensor(name: "complex", dtype: .complex64, shape: [2], data: Data(count: 16))
    let checkpoint = try read([:], adding: names.map { try zeros($0, [3], 1) } + [complex])
    #expect(checkpoint.notes.count == 1)
    let note = try #require(checkpoint.notes.first)
    #expect(note.contains("optimizer.step") || note.contains("more"))
    #expect(try checkpoint.parameters.bits == Fixtures.small().parameters.bits)
    #expect(try Fixtures.small().notes.isEmpty)
  }

  @Test("are refused if n_layers is smaller than the file's number of blocks")
  func fewerLayers() throws {
    #expect {
      _ = try read(["n_layers": 2])
    } throws: {
      "\($0)".contains("'blocks.2.")
    }
  }

  @Test("must be zero if they are a position table in a model that does not use it")
  func positionTable() throws {
    #expect {
      _ = try read(["positions": "none"])
    } throws: {
      "\($0)".contains("'pos_embed.W_pos' is not zero")
    }
    let rotary = try zeros("pos_embed.W_pos", [7, 18])
    #expect(try read([:], adding: [rotary], to: "rotary.safetensors").notes.isEmpty)
    let table = try zeros("pos_embed.W_pos", [7, 18], 0.5)
    #expect(throws: ModelError.self) { try read([:], adding: [table], to: "rotary.safetensors") }
  }
}
