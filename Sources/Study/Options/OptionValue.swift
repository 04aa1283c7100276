import Errors

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
    let isPlain = word.wholeMatch(of: /[A-Za-z0-9_.\/][A-Za-z0-9_.\/:-]*/) != nil
    guard !isPlain || word.hasSuffix(":") || word.lowercased() == "null" else { return word }
    // Between single quotation marks a line break would become a space.
    guard word.unicodeScalars.contains(where: needsEscape) else {
      // By scalars: a quotation mark with an accent is another character.
      return "'\(word.unicodeScalars.map { $0 == "'" ? "''" : String($0) }.joined())'"
    }
    return "\"\(word.unicodeScalars.map(escaped).joined())\""
  }

  private static func needsEscape(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7f..<0xa0, 0x2028, 0x2029, 0xfeff: true
    default: false
    }
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    needsEscape(scalar) || scalar == "\"" || scalar == "\\" ? scalar.hexEscape : String(scalar)
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
