/// The content of a safetensors file: named tensors and a dictionary of strings.
///
/// The format (https://github.com/huggingface/safetensors) is: eight little-endian bytes with the length of
/// the header, the header as JSON, and the bytes of the tensors without gaps. Opening a file on disk reads
/// only its header. The bytes of a tensor are read when they are requested.
///
/// ```swift
/// let file = try SafetensorsFile(contentsOf: url)
/// for name in file.names { print(name, try file.shape(of: name)) }
/// let weights = try file.tensor(named: "embed.W_E")
/// ```
package struct SafetensorsFile: Sendable {
  /// The path from which the content was read, for messages; nil if it was not read from a file.
  package let path: String?
  /// The strings under the header's `__metadata__`.
  package let metadata: [String: String]
  /// The tensors in the order of their bytes.
  package let tensors: [SafetensorsTensor]
  private let places: [String: Int]

  /// Makes the content of a new file.
  ///
  /// - Throws: `SafetensorsError.duplicateName` and `reservedName`.
  package init(metadata: [String: String] = [:], tensors: [SafetensorsTensor]) throws(SafetensorsError) {
    try self.init(path: nil, metadata: metadata, tensors: tensors)
  }

  init(path: String?, metadata: [String: String], tensors: [SafetensorsTensor]) throws(SafetensorsError) {
    var places: [String: Int] = [:]
    for (place, tensor) in tensors.enumerated() {
      guard tensor.name != Header.metadataKey else { throw .reservedName(file: path, tensor: tensor.name) }
      guard places.updateValue(place, forKey: tensor.name) == nil else {
        throw .duplicateName(file: path, tensor: tensor.name)
      }
    }
    self.path = path
    self.metadata = metadata
    self.tensors = tensors
    self.places = places
  }

  /// The tensors' names in the order of their bytes.
  package var names: [String] { tensors.map(\.name) }

  /// Whether the file has a tensor with this name.
  package func contains(_ name: String) -> Bool { places[name] != nil }

  /// The tensor with this name.
  ///
  /// - Throws: `SafetensorsError.missingTensor`.
  package func tensor(named name: String) throws(SafetensorsError) -> SafetensorsTensor {
    guard let place = places[name] else {
      throw .missingTensor(file: path, tensor: name, available: names)
    }
    return tensors[place]
  }

  /// The extent of each dimension of a tensor, outermost first.
  ///
  /// - Throws: `SafetensorsError.missingTensor`.
  package func shape(of name: String) throws(SafetensorsError) -> [Int] {
    try tensor(named: name).shape
  }
}
