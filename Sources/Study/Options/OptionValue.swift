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
  /// The value in the form of a file: `true`, `64` or `[sort, copy]`.
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
  /// The word, in quotation marks if YAML could read it as something else.
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
