import Compute
import Foundation
import HalfPrecision
import Safetensors

/// A model in files, of ours or of others: what it is, with weights that are read when they are asked for, one tensor
/// after another. A large model is then in memory once, on the device.
package struct CheckpointSource {
  package let configuration: ModelConfiguration
  /// The `model_type` in the config.json of a model of others, such as `llama`; nil for a model of this program.
  package var modelType: String? { files.modelType }
  /// Every tensor under its name in the files.
  package let tensors: [NamedTensor]
  /// Messages for the user about how the files were read, such as tensors that no part of the model uses.
  package let notes: [String]
  /// The checksum that a file of ours states.
  package let checksum: String?
  /// Tells this model from others: by its checksum where it has one, otherwise by its files.
  ///
  /// - Throws: `SafetensorsError.unreadable`.
  package func identity() throws -> String { try checksum ?? files.identity() }
  private let files: CheckpointFiles
  private let layout: ParameterLayout

  /// Checks that this program can compute what the configuration describes, that every tensor exists and has the right
  /// shape, and that no other tensor would change the model.
  ///
  /// - Parameter url: a file, or a folder as Hugging Face saves a model.
  /// - Throws: `ModelError.checkpoint` or `SafetensorsError`, which name the file and the key or the tensor.
  package init(_ url: URL) throws { try self.init(CheckpointFiles(url)) }

  init(_ files: CheckpointFiles) throws {
    self.files = files
    let path = files.path
    func fail(_ reason: String) -> ModelError { .checkpoint(path: path, reason) }
    let family = try files.keys.map { _ in try CheckpointFamilies.named(files.modelType, fail: fail) }
    var found: (ModelConfiguration, notes: [String])
    if let family, let keys = files.keys {
      found = (try Self.configuration(keys, family, fail: fail), [])
      checksum = nil
    } else {
      try files.own.verifyChecksum()
      checksum = files.own.statedChecksum
      found = try Checkpoint.configuration(of: files.own, path: path)
    }
    configuration = found.0
    func named(_ layout: ParameterLayout) -> [NamedTensor] {
      family?.tensors(layout, files.contains) ?? layout.namedTensors
    }
    // Check layers and shapes before allocating: a damaged configuration must not request gigabytes.
    var bounded = configuration
    bounded.layers = min(bounded.layers, files.count + 1)
    for tensor in named(ParameterLayout(bounded)) {
      let found = try files.shape(of: tensor.name)
      guard found == tensor.shape else {
        throw SafetensorsError.wrongShape(
          file: path, tensor: tensor.name, expected: tensor.shape, found: found)
      }
    }
    layout = ParameterLayout(configuration)
    tensors = named(layout)
    if let family {
      try Self.checkUnused(files, family, layout, tensors, fail: fail)
    } else {
      found.notes += try Checkpoint.notesOnUnused(files.own, layout, fail: fail)
    }
    notes = found.notes
  }

  /// A tensor of the layout, and the tensors of the files of which it is made, with offsets counted from its beginning.
  private struct Placed {
    let tensor: ParameterLayout.Tensor
    let parts: [NamedTensor]
  }

  /// Every tensor of the layout, in its order.
  private var allPlaced: [Placed] {
    let parts = parts
    return layout.tensors.enumerated().map { index, tensor in
      let parts = (parts[index] ?? []).map { part in
        var part = part
        part.offset -= tensor.offset
        return part
      }
      return Placed(tensor: tensor, parts: parts)
    }
  }

  /// Reads a whole tensor in single precision, or as bits in half precision.
  ///
  /// - Throws: `SafetensorsError`, which names the file and the tensor, for an element that is not finite.
  private func read(_ placed: Placed, asHalves: Bool, into memory: UnsafeMutableRawBufferPointer) throws {
    // What no part of the files fills is 0.
    let isFilled = placed.parts.reduce(0) { $0 + $1.placeCount } == placed.tensor.count
    if !isFilled { memory.initializeMemory(as: UInt8.self, repeating: 0) }
    for part in placed.parts {
      if asHalves {
        try memory.withMemoryRebound(to: UInt16.self) { try files.insertHalves(part, into: $0) }
      } else {
        try memory.withMemoryRebound(to: Float.self) { try files.insert(part, into: $0) }
      }
    }
  }

  /// The flat parameters of the model.
  ///
  /// - Throws: `SafetensorsError`, which names the file and the tensor, for an element that is not finite.
  func parameters() throws -> [Float] {
    var values = [Float](repeating: 0, count: layout.count)
    try values.withUnsafeMutableBufferPointer { values in
      for placed in allPlaced {
        let part = UnsafeMutableBufferPointer(rebasing: values[placed.tensor.range])
        try read(placed, asHalves: false, into: UnsafeMutableRawBufferPointer(part))
      }
    }
    return values
  }

  /// The number of elements of the largest of some tensors.
  private func largestTensor(_ isMeant: (ParameterLayout.Tensor) -> Bool) -> Int {
    layout.tensors.lazy.filter(isMeant).map(\.count).max() ?? 0
  }

  /// The bytes in the host's memory while the model is read for a device with memory of its own: the largest tensor in single
  /// precision, and the largest of those in half precision.
  func readingBytes(halves: [Int: HalfFormat]) -> Double {
    let single = largestTensor { halves[$0.offset] == nil }
    let half = largestTensor { halves[$0.offset] != nil }
    return 4 * Double(single) + 2 * Double(half)
  }

  /// The tensors of the files of which each tensor of the layout, by its index, is made.
  private var parts: [Int: [NamedTensor]] {
    Dictionary(grouping: tensors) { part in layout.tensors.lastIndex { $0.offset <= part.offset } ?? 0 }
  }

  /// Whether `WeightPrecision.keep` keeps anything in half precision.
  package var hasHalves: Bool { !halves.isEmpty }

  /// What `WeightPrecision.keep` keeps in half precision, by the offsets in the layout: numbers are kept in pairs, so a matrix
  /// with an odd number of them is in single precision.
  var halves: [Int: HalfFormat] {
    let products = layout.blocks.flatMap {
      [$0.attention.queryKeyValue, $0.attention.output, $0.mlp.input, $0.mlp.output]
    }
    let offsets = Set((products + [layout.unembedding].compactMap(\.self)).map(\.weight.offset))
    let parts = parts
    var halves: [Int: HalfFormat] = [:]
    for (index, tensor) in layout.tensors.enumerated()
    where offsets.contains(tensor.offset) && tensor.count.isMultiple(of: 2) {
      let parts = parts[index] ?? []
      let formats = Set(parts.map { $0.shift == 0 ? files.halfFormat(of: $0.name) : nil })
      if formats.count == 1, let format = formats.first.flatMap(\.self) { halves[tensor.offset] = format }
    }
    return halves
  }

  /// The model on a device.
  ///
  /// - Throws: `SafetensorsError`, which names the file and the tensor, for an element that is not finite; what the device
  ///   throws.
  package func transformer(on device: any Device, weights: WeightPrecision = .float32) throws -> Transformer {
    let halves = weights == .keep ? halves : [:]
    let made = try Transformer(configuration, models: 1, on: device, halves: halves)
    var filling = BufferFilling()
    for placed in allPlaced {
      try made.parameters.fill(placed.tensor, with: &filling, on: made.device) { memory in
        try read(placed, asHalves: halves[placed.tensor.offset] != nil, into: memory)
      }
    }
    return made
  }

  private static func configuration(
    _ values: [String: JSONValue], _ family: any CheckpointFamily.Type, fail: @escaping (String) -> ModelError
  ) throws -> ModelConfiguration {
    let keys = FamilyKeys(values, fail: fail)
    let configuration = try family.configuration(keys)
    try keys.finish()
    do { try configuration.validate() } catch { throw fail("\(error)") }
    return configuration
  }

  /// Refuses tensors of other models that have no place, except tables and copies of a tied embedding.
  private static func checkUnused(
    _ files: CheckpointFiles, _ family: any CheckpointFamily.Type, _ layout: ParameterLayout,
    _ tensors: [NamedTensor], fail: (String) -> ModelError
  ) throws {
    let used = Set(tensors.map(\.name))
    for name in files.names where !used.contains(name) && !family.isTable(name) {
      guard layout.unembedding == nil, ["lm_head.weight", "embed_out.weight"].contains(name) else {
        throw fail(
          "the tensor '\(name)' has no place in the model that config.json describes; correct config.json, or remove "
            + "the tensor")
      }
      guard let embedding = tensors.first(where: { $0.offset == layout.embedding.offset }),
        try files.areEqual(name, embedding.name)
      else {
        throw fail("'\(name)' differs from the embedding, although config.json has tie_word_embeddings true")
      }
    }
  }
}
