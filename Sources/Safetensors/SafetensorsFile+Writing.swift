import AtomicFile
import Foundation

/// Writing: tensors with wide elements come first, so that every tensor begins at a multiple of its element's
/// size, as readers that map the file require.
extension SafetensorsFile {
  /// Writes the file whole or not at all, and replaces an existing file.
  ///
  /// - Throws: `AtomicFileError`, which names the path; `SafetensorsError.unreadable` if a tensor that lies
  ///   in another file cannot be read.
  package func write(to url: URL) throws {
    try writeAtomically(pieces(), to: url)
  }

  /// The bytes of the file.
  package func serialised() throws(SafetensorsError) -> Data {
    try pieces().reduce(into: Data()) { $0.append($1) }
  }

  /// The header, followed by the bytes of each tensor. Tensors with the widest elements come first; tensors
  /// of equal width keep their order. Metadata is sorted by key, so equal contents give equal bytes.
  private func pieces() throws(SafetensorsError) -> [Data] {
    let ordered = [64, 32, 16, 0].flatMap { width in tensors.filter { $0.alignment == width } }
    var header = Array(Self.header(metadata: metadata, tensors: ordered).utf8)
    while header.count % 8 != 0 { header.append(0x20) }
    var pieces = [littleEndianData([UInt64(header.count)]) + Data(header)]
    for tensor in ordered { pieces.append(try tensor.contents()) }
    return pieces
  }

  private static func header(metadata: [String: String], tensors: [SafetensorsTensor]) -> String {
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
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\0"..<" ":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

extension SafetensorsTensor {
  /// The alignment of an element in bits; 0 for bytes and for packed or unknown types, which need none.
  fileprivate var alignment: Int {
    let bits = dtype?.bitCount ?? 0
    return bits > 8 ? bits : 0
  }
}
