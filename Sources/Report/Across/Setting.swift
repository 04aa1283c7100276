import Foundation
import Records

/// The value of one key of a record's configuration, of any type.
package enum Setting: Codable, Sendable, Hashable, Comparable, CustomStringConvertible {
  case flag(Bool)
  case number(Double)
  case text(String)

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let flag = try? container.decode(Bool.self) {
      self = .flag(flag)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else {
      self = .text(try container.decode(String.self))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .flag(let flag): try container.encode(flag)
    case .number(let number): try container.encode(number)
    case .text(let text): try container.encode(text)
    }
  }

  /// Orders values of the same type by value.
  package static func < (first: Setting, second: Setting) -> Bool {
    switch (first, second) {
    case (.flag(let one), .flag(let other)): !one && other
    case (.number(let one), .number(let other)): one < other
    case (.text(let one), .text(let other)): one < other
    case (.flag, _): true
    case (.number, .text): true
    case (.number, .flag), (.text, _): false
    }
  }

  /// The whole number, if it is one.
  var whole: Int? {
    guard case .number(let number) = self else { return nil }
    return Int(exactly: number)
  }

  package var description: String {
    switch self {
    case .flag(let flag): "\(flag)"
    case .number(let number): whole.map(String.init) ?? "\(number)"
    case .text(let text): text
    }
  }
}

/// How a study was made: `protocol` and all keys of its records' `configuration`, with their names in the
/// records. A key added to the record later is included without a change here.
struct RecordedSettings: Equatable {
  private(set) var values: [String: Setting]

  init(protocolName: String, configuration: some Encodable) throws {
    let found = try RecordCoding.decode(
      [String: Setting?].self, from: RecordCoding.encode(configuration))
    values = found.compactMapValues(\.self)
    values["protocol"] = .text(protocolName)
  }

  /// The keys that a reader looks for first; the others follow by name.
  private static let order = ["protocol", "model_type", "layers", "heads", "d_model", "d_ff", "positions"]

  /// The keys in which the studies differ, including keys that only some of them have.
  static func differing(_ all: [RecordedSettings]) -> [String] {
    func place(_ key: String) -> (Int, String) { (order.firstIndex(of: key) ?? order.count, key) }
    return Set(all.flatMap(\.values.keys)).filter { key in Set(all.map { $0.values[key] }).count > 1 }
      .sorted { place($0) < place($1) }
  }
}
