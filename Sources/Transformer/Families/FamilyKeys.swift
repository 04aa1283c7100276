import Compute

/// The keys of a `config.json`. Every key is read, refused by name, or known to change nothing: a key that no family
/// reads may change what the model computes.
final class FamilyKeys {
  private let values: [String: JSONValue]
  /// Makes an error of a reason.
  let fail: (String) -> ModelError
  private var read: Set<String> = []

  init(_ values: [String: JSONValue], fail: @escaping (String) -> ModelError) {
    self.values = values
    self.fail = fail
  }

  /// The value of a key; nil if the key is absent or null.
  private func value(_ key: String) -> JSONValue? {
    read.insert(key)
    guard let value = values[key], value != .null else { return nil }
    return value
  }

  /// A whole number, or `standard` if the key is absent.
  func whole(_ key: String, _ standard: Int? = nil) throws -> Int {
    guard let value = value(key) else {
      guard let standard else { throw fail("its config.json lacks \(key)") }
      return standard
    }
    guard let number = value.number, let whole = Int(exactly: number) else {
      throw fail("\(key) must be a whole number, not \(value)")
    }
    return whole
  }

  func number(_ key: String, _ standard: Double) throws -> Double {
    guard let value = value(key) else { return standard }
    guard let number = value.number else { throw fail("\(key) must be a number, not \(value)") }
    return number
  }

  /// A number, nil if the key is null, or `standard` if it is absent: null switches off what the family has otherwise.
  func numberOrNull(_ key: String, _ standard: Double) throws -> Double? {
    if values[key] == .null {
      read.insert(key)
      return nil
    }
    return try number(key, standard)
  }

  /// Lets a key pass that the family's own library does not read.
  func skip(_ key: String) { read.insert(key) }

  func flag(_ key: String, _ standard: Bool) throws -> Bool {
    guard let value = value(key) else { return standard }
    guard case .bool(let flag) = value else { throw fail("\(key) must be true or false, not \(value)") }
    return flag
  }

  /// The name of the family.
  func type() throws -> String {
    guard let type = value("model_type")?.text else { throw fail("its config.json has no model_type") }
    return type
  }

  /// The number of heads of queries that share keys and values.
  func sharing(heads: Int, keyHeads: Int) throws -> Int {
    guard keyHeads >= 1, heads >= 1, heads.isMultiple(of: keyHeads) else {
      throw fail("\(keyHeads) heads of keys and values are not shared evenly by \(heads) heads of queries")
    }
    return heads / keyHeads
  }

  /// Refuses any value but one.
  func require(_ key: String, _ wanted: JSONValue) throws {
    guard let value = value(key), value != wanted else { return }
    throw fail("\(key) \(value) is not supported, only \(wanted)")
  }

  /// An activation by its name in the library of Hugging Face.
  func activation(_ key: String, _ standard: String) throws -> Activation {
    let value = value(key) ?? .text(standard)
    switch value.text {
    case "gelu": return .gelu
    case "gelu_new", "gelu_pytorch_tanh", "gelu_fast": return .geluTanh
    case "silu", "swish": return .silu
    default:
      throw fail(
        "\(key) \(value) is not supported, only gelu, gelu_new, gelu_pytorch_tanh, gelu_fast, silu and swish")
    }
  }

  /// The rotary positions, in the form of today (`rope_parameters`) or of older files.
  ///
  /// - Parameters:
  ///   - headWidth: the columns of a head.
  ///   - share: the key and the standard of the share of a head that is rotated; nil for all of it.
  ///   - base: the older key of the base.
  func rotary(headWidth: Int, share: (key: String, standard: Double)? = nil, base: String = "rope_theta")
    throws
    -> RotarySpec
  {
    let scaling =
      try parameters("rope_parameters") ?? parameters("rope_scaling") ?? FamilyKeys([:], fail: fail)
    let usual = try number(base, RotarySpec.usualBase)
    let usualShare = try share.map { try number($0.key, $0.standard) } ?? 1
    let part = try scaling.number("partial_rotary_factor", usualShare)
    let columns = Int(Double(headWidth) * part)
    guard columns > 0, columns <= headWidth, columns.isMultiple(of: 2) else {
      throw fail(
        "\(columns) of the \(headWidth) columns of a head would be rotated; it must be an even number")
    }
    var spec = RotarySpec(columns: columns, base: try scaling.number("rope_theta", usual))
    guard spec.base > 1, spec.base.isFinite else {
      throw fail("rope_theta must be above 1, not \(spec.base)")
    }
    let (newer, older) = (scaling.value("rope_type"), scaling.value("type"))
    let type = newer ?? older ?? .text("default")
    switch type.text {
    case "default": break
    case "linear": spec.scaling = .linear(factor: try scaling.positive("factor"))
    case "llama3":
      spec.scaling = .llama3(
        factor: try scaling.positive("factor"), low: try scaling.positive("low_freq_factor"),
        high: try scaling.positive("high_freq_factor"),
        original: try scaling.positive("original_max_position_embeddings"))
    default: throw fail("rotary positions of type \(type) are not supported, only default, linear and llama3")
    }
    try scaling.finish()
    return spec
  }

  private func positive(_ key: String) throws -> Double {
    let found = try number(key, -1)
    guard found > 0, found.isFinite else { throw fail("rotary positions need a positive \(key)") }
    return found
  }

  private func parameters(_ key: String) throws -> FamilyKeys? {
    guard let value = value(key) else { return nil }
    guard case .object(let values) = value else { throw fail("\(key) must be an object, not \(value)") }
    return FamilyKeys(values, fail: fail)
  }

  /// A list of words; nil if the key is absent.
  func words(_ key: String, among known: [String]) throws -> [String]? {
    guard let value = value(key) else { return nil }
    guard case .list(let words) = value else { throw fail("\(key) must be a list, not \(value)") }
    return try words.map { word in
      guard let text = word.text, known.contains(text) else {
        throw fail(
          "\(key) with \(word) is not supported, only \(known.map { "'\($0)'" }.joined(separator: " and "))")
      }
      return text
    }
  }

  /// Refuses the first key, in alphabetical order, that was not read and may change something.
  func finish() throws {
    for (key, value) in values.sorted(by: { $0.key < $1.key }) where !read.contains(key) && !value.isOff {
      guard Self.harmless.contains(key) || Self.harmlessPrefixes.contains(where: key.hasPrefix) else {
        throw fail(
          "its config.json has the key '\(key)' (\(value)), which this program does not know and which may change "
            + "what the model computes; remove it if it does not")
      }
    }
  }

  /// Keys of a model's origin, training, tokens, output or generation.
  private static let harmless: Set<String> = [
    "model_type", "architectures", "transformers_version", "dtype", "torch_dtype", "initializer_range",
    "use_cache", "bos_token_id", "eos_token_id", "pad_token_id", "sep_token_id", "cls_token_id", "id2label",
    "label2id", "problem_type", "return_dict", "return_dict_in_generate", "output_attentions",
    "output_hidden_states", "output_scores", "task_specific_params", "finetuning_task", "name_or_path",
    "tokenizer_class", "prefix", "auto_map", "attn_implementation", "torchscript", "pretraining_tp",
    "attn_pdrop", "embd_pdrop", "resid_pdrop", "attention_dropout", "hidden_dropout", "classifier_dropout",
    "gradient_checkpointing", "reorder_and_upcast_attn", "n_ctx", "max_window_layers", "sliding_window",
    "cache_implementation",
    "max_length", "min_length", "do_sample", "temperature", "top_k", "top_p", "typical_p", "num_beams",
    "num_beam_groups", "num_return_sequences", "length_penalty", "repetition_penalty", "diversity_penalty",
    "early_stopping", "decoder_start_token_id", "encoder_no_repeat_ngram_size", "no_repeat_ngram_size",
  ]
  private static let harmlessPrefixes = ["_", "summary_", "chunk_size_"]
}
