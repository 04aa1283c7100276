import Compute

/// One family of models of others: how its `config.json` describes a model, and where the tensors of its files go.
protocol CheckpointFamily {
  /// The values of `model_type` that name it.
  static var types: [String] { get }

  /// The shape of the model that the keys describe.
  ///
  /// - Throws: `ModelError.checkpoint`, which names the key, for what this program does not compute.
  static func configuration(_ keys: FamilyKeys) throws -> ModelConfiguration

  /// All tensors that the model reads.
  ///
  /// - Parameter exists: whether the files have a tensor, where a tensor goes by several names.
  static func tensors(_ layout: ParameterLayout, _ exists: (String) -> Bool) -> [NamedTensor]

  /// Whether a tensor follows from the configuration, such as a mask.
  static func isTable(_ name: String) -> Bool
}

extension CheckpointFamily {
  static func isTable(_ name: String) -> Bool { false }
}

/// The list of families. A new one is added here and in a file of its own.
enum CheckpointFamilies {
  static var all: [any CheckpointFamily.Type] { [GPT2.self, NeoX.self, Llama.self, Gemma2.self] }

  /// - Throws: the error that `fail` makes for a type that no family has.
  static func named(_ type: String?, fail: (String) -> ModelError) throws -> any CheckpointFamily.Type {
    let known = all.flatMap { $0.types }.joined(separator: ", ")
    guard let type else { throw fail("its config.json has no model_type; known are \(known)") }
    guard let family = all.first(where: { $0.types.contains(type) }) else {
      throw fail("models of type '\(type)' are not supported, only \(known)")
    }
    return family
  }
}

extension ParameterLayout.Linear {
  /// The matrix as the file has it, [out, in], and the bias if there is one.
  func transposed(_ name: String) -> [NamedTensor] {
    [.transposed(name + ".weight", weight)] + (bias.map { [.vector(name + ".bias", $0)] } ?? [])
  }

  /// The matrix as the file has it, [in, out], and the bias if there is one.
  func plain(_ name: String) -> [NamedTensor] {
    [.matrix(name + ".weight", weight)] + (bias.map { [.vector(name + ".bias", $0)] } ?? [])
  }
}

extension ParameterLayout.Norm {
  func tensors(_ name: String) -> [NamedTensor] {
    [.vector(name + ".weight", weight)] + (bias.map { [.vector(name + ".bias", $0)] } ?? [])
  }
}
