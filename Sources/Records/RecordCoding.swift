import Errors
import Foundation

/// How all our JSON is written: with sorted keys, indentation, and numbers that read back to the same bits.
///
/// Keys are snake_case because every type spells them out in its `CodingKeys`; names that are data (`L2_H1`,
/// `frobenius`) stay as they are. JSON has no infinities and no NaN, so those are written as strings.
package enum RecordCoding {
  /// The JSON text of a value, ending with a newline. Equal values give equal bytes.
  package static func encode(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try encoder.encode(value) + Data("\n".utf8)
  }

  /// The value of a JSON text.
  /// - Throws: `DecodingError` if the text is not JSON or not of this type.
  package static func decode<Value: Decodable>(_ type: Value.Type, from data: Data) throws -> Value {
    // A report of thousands of records mostly waits for their decoding.
    if let value = WordDecoder.decode(type, from: [UInt8](data)) { return value }
    return try decodeByFoundation(type, from: data)
  }

  /// The same by Foundation's decoder, which knows every text and says what is wrong with it.
  static func decodeByFoundation<Value: Decodable>(_ type: Value.Type, from data: Data) throws -> Value {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try decoder.decode(type, from: data)
  }

  /// One line that says where a JSON text is wrong.
  package static func explain(_ error: any Error) -> String { explanation(error).singleLine }

  private static func explanation(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "\(error)" }
    func place(_ path: [any CodingKey]) -> String {
      path.map { key in key.intValue.map(String.init) ?? key.stringValue }.joined(separator: ".")
    }
    switch error {
    case .keyNotFound(let key, let context):
      return "the key \(place(context.codingPath + [key])) is missing"
    case .valueNotFound(_, let context):
      return "\(place(context.codingPath)) is null"
    case .typeMismatch(let type, let context):
      return "\(place(context.codingPath)) is not of type \(type)"
    case .dataCorrupted(let context):
      let path = place(context.codingPath)
      return path.isEmpty ? "not valid JSON" : "\(path): \(context.debugDescription)"
    @unknown default:
      return "unreadable"
    }
  }
}
