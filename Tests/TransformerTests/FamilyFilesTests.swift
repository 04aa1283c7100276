import Foundation
import Safetensors
import TestModels
import TestSupport
import Testing

@testable import Transformer

@Suite("Files of models of others") struct FamilyFilesTests {
  @Test(
    "are refused by naming what is not supported",
    arguments: [
      ("gpt2", "activation_function", #""relu""#, "activation_function 'relu' is not supported"),
      (
        "gpt2", "scale_attn_by_inverse_layer_idx", "true",
        "scale_attn_by_inverse_layer_idx true is not supported"
      ),
      ("gpt2", "scale_attn_weights", "false", "scale_attn_weights false is not supported"),
      ("gpt2", "model_type", #""gpt_bigcode""#, "models of type 'gpt_bigcode' are not supported"),
      ("gpt2", "multi_query", "true", "the key 'multi_query' (true), which this program does not know"),
      ("gpt2", "n_head", "7", "7 heads don't divide a d_model of 20"),
      ("gpt2", "n_layer", "1.5", "n_layer must be a whole number, not 1.5"),
      ("gpt2", "n_layer", "1000000000", "layers is 1000000000, far beyond"),
      ("gpt2", "n_embd", "40", "has the shape [29, 20] where [29, 40] is expected"),
      ("gpt2", "tie_word_embeddings", "false", "has no tensor 'lm_head.weight'"),
      (
        "neox", "rope_parameters", #"{"partial_rotary_factor": 0.4}"#,
        "3 of the 8 columns of a head would be rotated"
      ),
      ("neox", "attention_bias", "false", "the tensor 'gpt_neox.layers.0.attention.dense.bias' has no place"),
      ("llama", "num_key_value_heads", "4", "4 heads of keys and values are not shared evenly by 6 heads"),
      (
        "llama", "rope_parameters", #"{"rope_type": "yarn", "factor": 2}"#,
        "rotary positions of type 'yarn' are not supported"
      ),
      ("llama", "rope_parameters", #"{"rope_type": "linear"}"#, "rotary positions need a positive factor"),
      (
        "llama", "rope_parameters", #"{"rope_type": "default", "short_factor": [1]}"#,
        "the key 'short_factor'"
      ),
      ("llama", "hidden_size", "0", "d_model must be at least 1"),
      ("qwen2", "use_sliding_window", "true", "use_sliding_window true is not supported"),
      (
        "qwen2", "layer_types", #"["full_attention", "sliding_attention"]"#,
        "layer_types with 'sliding_attention' is not supported, only 'full_attention'"
      ),
      (
        "gemma2", "layer_types", #"["sliding_attention", "chunked_attention", "full_attention"]"#,
        "layer_types with 'chunked_attention' is not supported, only 'sliding_attention' and 'full_attention'"
      ),
      ("gemma2", "layer_types", #"["full_attention"]"#, "layer_types has 1 entries for 3 layers"),
      ("gemma2", "sliding_window", "null", "need a whole number under sliding_window"),
      ("gemma2", "sliding_window", "0", "a sliding window must have at least one key, not 0"),
      ("gemma2", "final_logit_softcapping", "-1", "a cap of logits must be positive, not -1"),
      ("gemma2", "attn_logit_softcapping", "0", "a cap of scores must be positive, not 0"),
      ("gemma2", "query_pre_attn_scalar", "0", "the scale of scores must be positive, not inf"),
      (
        "gemma2", "use_bidirectional_attention", "true", "use_bidirectional_attention true is not supported"
      ),
      ("gemma2", "hidden_activation", #""relu""#, "hidden_activation 'relu' is not supported"),
    ])
  func refusals(name: String, key: String, value: String, reason: String) throws {
    try withCopy(of: name, setting: key, to: value) { folder in
      let error = #expect(throws: (any Error).self) { try Checkpoint(contentsOf: folder) }
      let message = error.map { "\($0)" } ?? ""
      #expect(message.contains(reason), "\(message)")
      #expect(!message.contains("\n"))
    }
  }

  @Test("are read with the older names of rotary positions")
  func olderNames() throws {
    let new = try Checkpoint(contentsOf: Fixtures.url("families/llama3"))
    let old =
      #"{"type": "llama3", "factor": 8, "low_freq_factor": 1, "high_freq_factor": 4, "#
      + #""original_max_position_embeddings": 16}"#
    try withCopy(
      of: "llama3", setting: "rope_scaling", to: old, and: ("rope_theta", "10"), without: "rope_parameters"
    ) {
      let found = try Checkpoint(contentsOf: $0)
      #expect(found.configuration == new.configuration)
    }
  }

  @Test("may have keys that the family's own library does not read")
  func releasedKeys() throws {
    try withCopy(
      of: "gemma2", setting: "hidden_act", to: #""gelu""#, and: ("cache_implementation", #""hybrid""#)
    ) {
      let found = try Checkpoint(contentsOf: $0)
      #expect(
        try found.configuration == Checkpoint(contentsOf: Fixtures.url("families/gemma2")).configuration)
    }
  }

  @Test("may be one file beside config.json, or several with an index")
  func shards() throws {
    let whole = try Checkpoint(contentsOf: Fixtures.url("families/gpt2"))
    #expect(
      try Checkpoint(contentsOf: Fixtures.url("families/gpt2/model.safetensors")).parameters
        == whole.parameters)
    try withCopy(of: "gpt2") { folder in
      let file = try SafetensorsFile(contentsOf: folder.appendingPathComponent("model.safetensors"))
      let half = file.tensors.count / 2
      let parts = [file.tensors.prefix(half), file.tensors.suffix(from: half)]
      var map: [String: String] = [:]
      for (number, part) in parts.enumerated() {
        let name = "part-\(number).safetensors"
        try SafetensorsFile(tensors: Array(part)).write(to: folder.appendingPathComponent(name))
        for tensor in part { map[tensor.name] = name }
      }
      try FileManager.default.removeItem(at: folder.appendingPathComponent("model.safetensors"))
      let index = folder.appendingPathComponent("model.safetensors.index.json")
      try JSONEncoder().encode(["weight_map": map]).write(to: index)
      #expect(try Checkpoint(contentsOf: folder).parameters == whole.parameters)

      map["transformer.wte.weight"] = "../part-0.safetensors"
      try JSONEncoder().encode(["weight_map": map]).write(to: index)
      let error = #expect(throws: ModelError.self) { try Checkpoint(contentsOf: folder) }
      #expect("\(error.map { "\($0)" } ?? "")".contains("is not the name of a file beside it"))
    }
  }

  @Test("may repeat a tied embedding, and nothing else")
  func tiedEmbedding() throws {
    try withCopy(of: "gpt2") { folder in
      let url = folder.appendingPathComponent("model.safetensors")
      let file = try SafetensorsFile(contentsOf: url)
      var values = try file.floats(named: "transformer.wte.weight")
      let shape = try file.shape(of: "transformer.wte.weight")
      func write() throws {
        let head = try SafetensorsTensor(name: "lm_head.weight", shape: shape, floats: values)
        try SafetensorsFile(tensors: file.tensors + [head]).write(to: url)
      }
      try write()
      _ = try Checkpoint(contentsOf: folder)
      values[7] += 1
      try write()
      let error = #expect(throws: ModelError.self) { try Checkpoint(contentsOf: folder) }
      #expect("\(error.map { "\($0)" } ?? "")".contains("'lm_head.weight' differs from the embedding"))
    }
  }

  /// Calls `body` with a copy of a fixture whose `config.json` has other values.
  private func withCopy(
    of name: String, setting key: String? = nil, to value: String = "null",
    and other: (String, String)? = nil,
    without removed: String? = nil, _ body: (URL) throws -> Void
  ) throws {
    try withFolder { parent in
      let folder = parent.appendingPathComponent(name)
      try FileManager.default.copyItem(at: Fixtures.url("families/\(name)"), to: folder)
      let config = folder.appendingPathComponent("config.json")
      var keys = try #require(
        try JSONSerialization.jsonObject(with: Data(contentsOf: config)) as? [String: Any])
      for (key, value) in [key.map { ($0, value) }, other].compactMap({ $0 }) {
        keys[key] = try JSONSerialization.jsonObject(with: Data(value.utf8), options: .fragmentsAllowed)
      }
      if let removed { keys[removed] = nil }
      try JSONSerialization.data(withJSONObject: keys).write(to: config)
      try body(folder)
    }
  }

  @Test("are other models after any change, also within a nested value of config.json")
  func identity() throws {
    try withFolder { folder in
      let model = folder.appendingPathComponent("model", isDirectory: true)
      try FileManager.default.copyItem(at: Fixtures.url("families/llama3"), to: model)
      func identity() throws -> String { try CheckpointSource(model).identity() }
      let first = try identity()
      #expect(try identity() == first)
      let file = model.appendingPathComponent("config.json")
      let text = try String(contentsOf: file, encoding: .utf8)
      #expect(text.contains("\"factor\": 8.0"))
      try Data(text.replacing("\"factor\": 8.0", with: "\"factor\": 4.0").utf8).write(to: file)
      #expect(try identity() != first)
      try Data(text.utf8).write(to: file)
      #expect(try identity() == first)
      let weights = model.appendingPathComponent("model.safetensors")
      var bytes = try Data(contentsOf: weights)
      bytes[bytes.count - 1] ^= 1
      try bytes.write(to: weights)
      #expect(try identity() != first)
    }
  }
}
