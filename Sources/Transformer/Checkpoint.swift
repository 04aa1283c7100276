import Foundation
import Safetensors

/// One model in a safetensors file. Its tensors are named and shaped as in TransformerLens, and its
/// configuration is JSON in the metadata under `config`. Models of others are read from their own files, whose names and
/// shapes their gradients keep.
package struct Checkpoint {
  package var configuration: ModelConfiguration
  /// The flat parameters in the order of `ParameterLayout`.
  package var parameters: [Float]
  /// Messages for the user about how the file was read, such as tensors that no part of the model uses.
  package var notes: [String] = []
  /// Every tensor under its name in the files.
  package var tensors: [NamedTensor]
  /// The checksum of the file that it was read from, nil where that states none.
  package var checksum: String?

  package init(configuration: ModelConfiguration, parameters: [Float]) {
    self.configuration = configuration
    self.parameters = parameters
    tensors = ParameterLayout(configuration).namedTensors
  }

  /// Reads a checkpoint. It checks that this program can compute what the configuration describes, that every
  /// tensor exists, is finite and has the right shape, and that no other tensor would change the model.
  ///
  /// - Throws: `ModelError.checkpoint` or `SafetensorsError`, which name the file and the key or the tensor.
  package init(contentsOf url: URL) throws { try self.init(CheckpointSource(url)) }

  /// Reads a checkpoint from a file that is open already.
  ///
  /// - Parameter path: for messages.
  /// - Throws: as `init(contentsOf:)`.
  package init(_ file: SafetensorsFile, path: String) throws {
    try self.init(CheckpointSource(CheckpointFiles(file, path: path)))
  }

  private init(_ source: CheckpointSource) throws {
    (configuration, tensors, notes) = (source.configuration, source.tensors, source.notes)
    checksum = source.checksum
    parameters = try source.parameters()
  }

  /// The shape of the model that a file describes, and notes on how the description was read. No tensor is read.
  ///
  /// - Throws: `ModelError.checkpoint`, which names the file and the key.
  package static func configuration(
    of file: SafetensorsFile, path: String
  ) throws -> (ModelConfiguration, notes: [String]) {
    func fail(_ reason: String) -> ModelError { .checkpoint(path: path, reason) }
    guard let json = file.metadata["config"] else {
      throw fail("no 'config' in its metadata; is it a CausalGap checkpoint?")
    }
    let found = try CheckpointConfiguration.read(
      json, hasPositionTable: file.contains(positionTable), fail: fail)
    do { try found.0.validate() } catch { throw fail("\(error)") }
    return found
  }

  /// Writes the file, whole or not at all, with a checksum.
  ///
  /// - Throws: `AtomicFileError`, which names the path.
  package func write(to url: URL) throws { try output().file.write(to: url) }

  /// The file to be written, whose tensors are copied out of the parameters one after the other, and its checksum.
  ///
  /// - Throws: `ModelError.configuration` for a model of another family, which the format can't describe.
  package func output() throws -> (file: SafetensorsOutput, checksum: String) {
    guard configuration.architecture.isOwn else {
      throw ModelError.configuration(
        "a model of another family can't be written as a checkpoint of this program's")
    }
    let layout = ParameterLayout(configuration)
    var tensors = try layout.namedTensors.map { tensor in
      try TensorSource(name: tensor.name, shape: tensor.shape) { take in
        try take(tensor.extract(from: parameters))
      }
    }
    if layout.positions == nil {
      // Other frameworks expect this tensor. Zeros mean no positions.
      let shape = [configuration.context, configuration.dModel]
      tensors.append(
        try TensorSource(name: positionTable, shape: shape) { take in
          try take([Float](repeating: 0, count: shape[0] * shape[1]))
        })
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let config = String(
      decoding: try encoder.encode(WrittenConfiguration(configuration: configuration)), as: UTF8.self)
    return try SafetensorsOutput(metadata: ["config": config, "format": "pt"], tensors: tensors)
      .withChecksum()
  }
}

private let positionTable = "pos_embed.W_pos"

/// Handling of tensors that the configuration of a file does not use.
extension Checkpoint {
  /// The prefixes of the weights of a TransformerLens model. A tensor with such a name that is not read would
  /// change the computed function.
  private static let modelPrefixes = ["embed.", "pos_embed.", "blocks.", "ln_final.", "unembed."]
  /// Tables that TransformerLens stores beside the weights and that follow from the configuration.
  private static let buffers = [".mask", ".IGNORE", ".rotary_sin", ".rotary_cos", ".causal_mask"]

  /// - Returns: a note on tensors that change nothing.
  /// - Throws: the error that `fail` makes for the first unused weight, in the order of the file.
  static func notesOnUnused(
    _ file: SafetensorsFile, _ layout: ParameterLayout, fail: (String) -> ModelError
  ) throws -> [String] {
    let used = Set(layout.namedTensors.map(\.name))
    var unused: [String] = []
    for name in file.names where !used.contains(name) {
      if name == positionTable {
        try requireZeros(file, layout.configuration.positions, fail: fail)
      } else if modelPrefixes.contains(where: name.hasPrefix), !buffers.contains(where: name.hasSuffix) {
        throw fail(
          "the tensor '\(name)' has no place in the model that its configuration describes; "
            + "correct the configuration, or remove the tensor")
      } else {
        unused.append(name)
      }
    }
    guard !unused.isEmpty else { return [] }
    let shown = unused.prefix(5).joined(separator: ", ")
    let more = unused.count > 5 ? " and \(unused.count - 5) more" : ""
    return ["tensors that no part of the model uses were not read: \(shown)\(more)"]
  }

  /// Checks the position table of a model without learned positions: it must contain only zeros, as `write`
  /// stores there.
  private static func requireZeros(
    _ file: SafetensorsFile, _ positions: ModelConfiguration.Positions, fail: (String) -> ModelError
  ) throws {
    var hasOther = false
    try file.forEachFinitePiece(of: positionTable) { _, piece in
      hasOther = hasOther || piece.contains { $0 != 0 }
    }
    guard !hasOther else {
      throw fail(
        "'\(positionTable)' is not zero, and its configuration has \(positions.rawValue) positions, which don't "
          + "use it; set positions to learned, or remove the tensor")
    }
  }
}
