import AtomicFile
import Errors
import Foundation

/// A safetensors file to be written, a piece at a time, so that no tensor need be in memory as a whole.
///
/// Tensors with the widest elements come first, otherwise in their order, so that every tensor begins at a multiple of
/// its element's size. Readers that map the file need that. Metadata is sorted by key, so equal contents give equal
/// bytes.
package struct SafetensorsOutput {
  private var metadata: [String: String]
  /// In the order of the file.
  private let tensors: [TensorSource]

  /// - Parameter tensors: with names of their own.
  package init(metadata: [String: String], tensors: [TensorSource]) {
    self.metadata = metadata
    self.tensors = [64, 32, 16, 0].flatMap { width in tensors.filter { $0.alignment == width } }
  }

  /// The same file with a checksum of its content in the metadata. The tensors' bytes are made once for it.
  ///
  /// - Returns: The file, and the checksum.
  /// - Throws: What making the bytes throws.
  package func withChecksum() throws -> (file: SafetensorsOutput, checksum: String) {
    var sum = ContentChecksum(metadata: metadata)
    for tensor in tensors.sorted(by: { $0.name < $1.name }) {
      sum.begin(name: tensor.name, typeName: tensor.typeName, shape: tensor.shape)
      try tensor.forEachPiece { sum.combine($0) }
    }
    var file = self
    file.metadata[ContentChecksum.key] = sum.digest
    return (file, sum.digest)
  }

  /// Writes the file whole or not at all, and replaces an existing file.
  ///
  /// - Throws: `AtomicFileError`, naming the path; what making the bytes throws.
  package func write(to url: URL) throws {
    try writeAtomically(to: url, forEachPiece)
  }

  /// Hands over the header, then the bytes of each tensor.
  package func forEachPiece(_ take: (Data) throws -> Void) throws {
    var header = Array(headerText.utf8)
    while header.count % 8 != 0 { header.append(0x20) }
    try take(littleEndianData([UInt64(header.count)]) + Data(header))
    for tensor in tensors {
      var count = 0
      try tensor.forEachPiece {
        count += $0.count
        try take($0)
      }
      guard count == tensor.byteCount else {
        throw SafetensorsError.sizeMismatch(
          file: nil, tensor: tensor.name, shape: tensor.shape, expected: tensor.byteCount, found: count)
      }
    }
  }

  private var headerText: String {
    var members: [String] = []
    if !metadata.isEmpty {
      let strings = metadata.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(quoted($0.value))" }
      members.append("\(quoted(Header.metadataKey)):{\(strings.joined(separator: ","))}")
    }
    var begin = 0
    for tensor in tensors {
      let end = begin + tensor.byteCount
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      members.append(
        "\(quoted(tensor.name)):{\"dtype\":\(quoted(tensor.typeName)),\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(begin),\(end)]}")
      begin = end
    }
    return "{\(members.joined(separator: ","))}"
  }

  /// The JSON string literal of a text.
  private func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\0"..<" ": result += scalar.hexEscape
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
