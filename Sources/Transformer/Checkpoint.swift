import Foundation
import Safetensors

/// One model in a safetensors file. Its tensors are named and shaped as in TransformerLens, and its
/// configuration is JSON in the metadata under `config`.
package struct Checkpoint {
  package var configuration: ModelConfiguration
  /// The flat parameters in the order of `ParameterLayout`.
  package var parameters: [Float]

  package init(configuration: ModelConfiguration, parameters: [Float]) {
    self.configuration = configuration
    self.parameters = parameters
  }

  /// Reads a checkpoint and checks that every tensor is present, finite and of the right shape.
  ///
  /// - Throws: `ModelError.checkpoint` or `SafetensorsError`, which name the file and the tensor.
  package init(contentsOf url: URL) throws {
    let file = try SafetensorsFile(contentsOf: url)
    func fail(_ reason: String) -> ModelError { .checkpoint(path: url.path, reason) }
    guard let json = file.metadata["config"] else {
      throw fail("no 'config' in its metadata; is it a CausalGap checkpoint?")
    }
    guard let described = try? JSONDecoder().decode(DescribedConfiguration.self, from: Data(json.utf8)) else {
      throw fail("its configuration is not JSON or lacks a key: \(json.prefix(200))")
    }
    configuration = try described.configuration(hasPositions: file.contains("pos_embed.W_pos"), fail: fail)
    do { try configuration.validate() } catch { throw fail("\(error)") }
    // Check layers and shapes before allocating: a damaged configuration must not request gigabytes.
    var bounded = configuration
    bounded.layers = min(bounded.layers, file.tensors.count + 1)
    for tensor in ParameterLayout(bounded).namedTensors {
      let found = try file.shape(of: tensor.name)
      guard found == tensor.shape else {
        throw SafetensorsError.wrongShape(
          file: url.path, tensor: tensor.name, expected: tensor.shape, found: found)
      }
    }
    let layout = ParameterLayout(configuration)
    parameters = [Float](repeating: 0, count: layout.count)
    for tensor in layout.namedTensors {
      tensor.insert(try file.finiteFloats(named: tensor.name, shape: tensor.shape), into: &parameters)
    }
  }

  /// Writes the file whole or not at all.
  package func write(to url: URL) throws {
    let layout = ParameterLayout(configuration)
    var tensors = try layout.namedTensors.map {
      try SafetensorsTensor(name: $0.name, shape: $0.shape, floats: $0.extract(from: parameters))
    }
    if layout.positions == nil {
      // Other frameworks expect this tensor. Zeros mean no positions.
      let shape = [configuration.context, configuration.dModel]
      tensors.append(
        try SafetensorsTensor(
          name: "pos_embed.W_pos", shape: shape,
          floats: [Float](repeating: 0, count: shape[0] * shape[1])))
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let config = String(
      decoding: try encoder.encode(DescribedConfiguration(configuration)), as: UTF8.self)
    try SafetensorsFile(metadata: ["config": config, "format": "pt"], tensors: tensors).write(to: url)
  }
}

/// The configuration with the keys of TransformerLens.
// swift-format-ignore: AlwaysUseLowerCamelCase
private struct DescribedConfiguration: Codable {
  var n_layers, d_model, n_heads, d_head, d_mlp, d_vocab, n_ctx: Int
  var act_fn: String?
  var normalization_type: String?
  var eps: Float?
  var positions: String?

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
  }

  func configuration(hasPositions: Bool, fail: (String) -> ModelError) throws -> ModelConfiguration {
    if let act_fn, act_fn != "gelu" { throw fail("act_fn '\(act_fn)' is not supported, only 'gelu'") }
    if let normalization_type, normalization_type != "LN" {
      throw fail("normalization_type '\(normalization_type)' is not supported, only 'LN'")
    }
    guard n_heads >= 1, d_head >= 1, d_model >= 1, d_head <= d_model / n_heads, d_head * n_heads == d_model
    else { throw fail("\(n_heads) heads of width \(d_head) don't make a d_model of \(d_model)") }
    let named = positions ?? (hasPositions ? "learned" : "none")
    guard let positions = ModelConfiguration.Positions(rawValue: named) else {
      let known = ModelConfiguration.Positions.allCases.map(\.rawValue).joined(separator: ", ")
      throw fail("positions '\(named)' is not supported, only \(known)")
    }
    return ModelConfiguration(
      layers: n_layers, heads: n_heads, dModel: d_model, dMLP: d_mlp, vocabulary: d_vocab, context: n_ctx,
      positions: positions, epsilon: eps ?? 1e-5)
  }
}
