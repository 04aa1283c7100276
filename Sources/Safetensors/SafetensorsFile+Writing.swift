import AtomicFile
import Foundation

/// Writing: tensors with wide elements come first, so that every tensor begins at a multiple of its element's
/// size. Readers that map the file need that.
extension SafetensorsFile {
  /// Writes the file whole or not at all, and replaces an existing file.
  ///
  /// - Throws: `AtomicFileError`, naming the path.
  package func write(to url: URL) throws {
    try writeAtomically(serialised(), to: url)
  }

  /// The bytes of the file. Tensors with the widest elements come first, otherwise in their order. Metadata
  /// is sorted by key, so equal contents give equal bytes.
  package func serialised() -> Data {
    let ordered = SafetensorsType.byteCountsDescending.flatMap { width in
      tensors.filter { $0.dtype.byteCount == width }
    }
    var header = Array(Self.header(metadata: metadata, tensors: ordered).utf8)
    while header.count % 8 != 0 { header.append(0x20) }
    var data = littleEndianData([UInt64(header.count)])
    data.append(contentsOf: header)
    for tensor in ordered { data.append(tensor.data) }
    return data
  }

  private static func header(metadata: [String: String], tensors: [SafetensorsTensor]) -> String {
    var members: [String] = []
    if !metadata.isEmpty {
      let strings = metadata.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(quoted($0.value))" }
      members.append("\(quoted(Header.metadataKey)):{\(strings.joined(separator: ","))}")
    }
    var begin = 0
    for tensor in tensors {
      let end = begin + tensor.data.count
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      members.append(
        "\(quoted(tensor.name)):{\"dtype\":\"\(tensor.dtype.rawValue)\",\"shape\":[\(shape)],"
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

extension SafetensorsType {
  fileprivate static let byteCountsDescending = [8, 4, 2, 1]
}
