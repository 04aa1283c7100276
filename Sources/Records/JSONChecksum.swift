import Digests
import Foundation

/// The checksum of a JSON object, under the key `checksum` of the object itself.
///
/// It is over the text of all other members in their order, without the white space between words: indentation may
/// change, values may not. It belongs to the file and not to the value: a value that was read knows nothing of it.
enum JSONChecksum {
  static let key = "checksum"

  /// Whether a text states no checksum, as older files do, or the right one. What is no JSON is for its reader to find.
  static func isIntact(_ text: Data) -> Bool {
    let members = Members(text)
    return members.stated.map { $0 == members.digest } ?? true
  }

  /// The checksum that belongs into a text.
  static func digest(of text: Data) -> String { Members(text).digest }
}

/// The members of a JSON object, as they are read one word after the other.
private struct Members {
  /// The checksum that the object states, if it does.
  private(set) var stated: String?
  private var sum = Checksum()
  /// The bytes of the member being read, without white space between words.
  private var member: [UInt8] = []
  private static let prefix = Array("\"\(JSONChecksum.key)\":".utf8)

  init(_ text: Data) {
    text.withUnsafeBytes { bytes in
      var (depth, place) = (0, 0)
      while place < bytes.count {
        let begin = place
        place += 1
        switch bytes[begin] {
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): continue
        case UInt8(ascii: "{"), UInt8(ascii: "["):
          depth += 1
          // The object's own.
          if depth == 1 { continue }
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
          depth -= 1
          if depth <= 0 { end() }
        case UInt8(ascii: ","):
          if depth == 1 {
            end()
            continue
          }
        case UInt8(ascii: "\""): place = Self.endOfString(bytes, from: place)
        default: while place < bytes.count, Self.isInWord(bytes[place]) { place += 1 }
        }
        if depth > 0 { member.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[begin..<place])) }
      }
    }
  }

  /// The place after the quotation mark that ends a string.
  private static func endOfString(_ bytes: UnsafeRawBufferPointer, from begin: Int) -> Int {
    var place = begin
    while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
      place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
    }
    return min(place + 1, bytes.count)
  }

  /// Whether a byte goes on with a number or a name.
  private static func isInWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "."),
      UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "E"):
      true
    default: false
    }
  }

  private mutating func end() {
    defer { member.removeAll(keepingCapacity: true) }
    guard !member.isEmpty else { return }
    if member.starts(with: Self.prefix) {
      stated = String(decoding: member.dropFirst(Self.prefix.count), as: UTF8.self)
        .trimmingCharacters(in: CharacterSet(charactersIn: "\""))
    } else {
      sum.combine(member.count)
      member.withUnsafeBytes { sum.combine($0) }
    }
  }

  var digest: String { sum.digest }
}

extension RecordCoding {
  /// As `encode`, with a key `checksum` that tells damage. The value must encode an object without such a key.
  package static func encodeWithChecksum(_ value: some Encodable) throws -> Data {
    try encode(WithChecksum(value: value, checksum: JSONChecksum.digest(of: encode(value))))
  }

  /// As `decode`, for a text with or without a checksum.
  ///
  /// - Throws: `DecodingError`, also where the checksum does not match.
  package static func decodeChecked<Value: Decodable>(_ type: Value.Type, from data: Data) throws -> Value {
    guard JSONChecksum.isIntact(data) else {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(
          codingPath: [CodingName(JSONChecksum.key)], debugDescription: "it does not match the rest"))
    }
    return try decode(type, from: data)
  }
}

/// A value whose own keys stand beside its checksum.
private struct WithChecksum<Value: Encodable>: Encodable {
  var value: Value
  var checksum: String

  func encode(to encoder: any Encoder) throws {
    try value.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingName.self)
    try container.encode(checksum, forKey: CodingName(JSONChecksum.key))
  }
}

private struct CodingName: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(_ name: String) { stringValue = name }
  init?(stringValue: String) { self.init(stringValue) }
  init?(intValue: Int) { nil }
}
