/// The value of an option.
package enum OptionValue: Equatable, Sendable {
  case flag(Bool)
  case whole(Int)
  case number(Double)
  case word(String)
  case words([String])
  case seeds([Int])
}

extension OptionValue: CustomStringConvertible {
  /// As a file has it: `true`, `64`, `[sort, copy]`.
  package var description: String {
    switch self {
    case .flag(let value): "\(value)"
    case .whole(let value): "\(value)"
    case .number(let value): "\(value)"
    case .word(let value): Self.quoted(value)
    case .words(let values): "[\(values.joined(separator: ", "))]"
    case .seeds(let values): "[\(values.map(String.init).joined(separator: ", "))]"
    }
  }
}

extension OptionValue {
  /// In quotation marks where a file's reader could take it for more than a word.
  private static func quoted(_ word: String) -> String {
    guard word.wholeMatch(of: /[A-Za-z0-9_.\/][A-Za-z0-9_.\/:-]*/) == nil || word.hasSuffix(":") else {
      return word
    }
    return "'\(word.replacing("'", with: "''"))'"
  }
}

extension OptionValue: Encodable {
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .flag(let value): try container.encode(value)
    case .whole(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .word(let value): try container.encode(value)
    case .words(let values): try container.encode(values)
    case .seeds(let values): try container.encode(values)
    }
  }
}
