extension Unicode.Scalar {
  /// `\u` and four hexadecimal digits, as JSON and YAML read it, for a scalar below U+10000.
  package var hexEscape: String {
    let digits = String(value, radix: 16)
    return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
  }
}
