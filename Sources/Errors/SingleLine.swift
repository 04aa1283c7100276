extension String {
  /// The text as part of a message of one line: line breaks and other control characters, which a file may hold and which
  /// would steer a terminal, are written as `\n` or `\u{1b}`.
  package var singleLine: String {
    guard unicodeScalars.contains(where: \.steersTerminal) else { return self }
    var line = ""
    for scalar in unicodeScalars {
      if scalar.steersTerminal {
        line += scalar.escaped(asASCII: true)
      } else {
        line.unicodeScalars.append(scalar)
      }
    }
    return line
  }
}

extension Unicode.Scalar {
  /// Whether it is a control character, a line separator or a paragraph separator.
  fileprivate var steersTerminal: Bool {
    switch value {
    case 0..<0x20, 0x7f..<0xa0, 0x2028, 0x2029: true
    default: false
    }
  }
}
