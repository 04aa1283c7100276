import Digests
import Foundation

/// The checksum that this program's own files carry in their metadata: over the other metadata and every tensor's name,
/// type, shape and bytes.
///
/// Metadata and tensors count in the order of their names, so a program that writes the same content in another order
/// keeps the checksum. Files of other programs, and older ones of ours, have none.
struct ContentChecksum {
  /// The metadata's key. Other programs give "checksum" meanings of their own.
  static let key = "causalgap_checksum"

  private var sum = Checksum()

  init(metadata: [String: String]) {
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) where key != Self.key {
      sum.combine(key)
      sum.combine(value)
    }
  }

  mutating func begin(name: String, typeName: String, shape: [Int]) {
    sum.combine(name)
    sum.combine(typeName)
    sum.combine(shape.count)
    for extent in shape { sum.combine(extent) }
  }

  mutating func combine(_ bytes: Data) {
    bytes.withUnsafeBytes { sum.combine($0) }
  }

  var digest: String { sum.digest }
}

extension SafetensorsFile {
  /// The checksum that the file states; nil where it states none.
  package var statedChecksum: String? { metadata[ContentChecksum.key] }

  /// Reads everything and compares it with the checksum that the file states. A file that states none is accepted.
  ///
  /// - Throws: `SafetensorsError.checksumMismatch`; `unreadable`.
  package func verifyChecksum() throws(SafetensorsError) {
    guard let stated = statedChecksum else { return }
    var sum = ContentChecksum(metadata: metadata)
    for tensor in tensors.sorted(by: { $0.name < $1.name }) {
      sum.begin(name: tensor.name, typeName: tensor.typeName, shape: tensor.shape)
      try tensor.bytes.forEachPiece { (_, piece) throws(SafetensorsError) in sum.combine(piece) }
    }
    guard sum.digest == stated else { throw .checksumMismatch(file: path) }
  }
}
