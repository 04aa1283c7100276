/// A position in the bytes of a JSON text, with the steps that parse the header.
struct JSONCursor {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }

  func isAtStart(of character: Unicode.Scalar) -> Bool {
    position < bytes.count && UInt32(bytes[position]) == character.value
  }

  func error(_ reason: String) -> HeaderError { .syntax(offset: position, reason: reason) }

  mutating func skipSpace() {
    while position < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[position]) { position += 1 }
  }

  /// Skips white space, and then `character` if it comes next. Returns whether `character` was skipped.
  mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard isAtStart(of: character) else { return false }
    position += 1
    return true
  }

  mutating func expect(_ character: Unicode.Scalar) throws(HeaderError) {
    guard take(character) else { throw error("expected '\(character)'") }
  }

  /// Reads an integer that has no fraction or exponent and fits into an `Int`.
  mutating func integer() throws(HeaderError) -> Int {
    skipSpace()
    let start = position
    if isAtStart(of: "-") { position += 1 }
    let digits = position
    while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
    let hasLeadingZero = position - digits > 1 && bytes[digits] == 0x30
    guard !hasLeadingZero, let value = Int(String(decoding: bytes[start..<position], as: UTF8.self)) else {
      position = start
      throw error("expected an integer of at most 64 bits")
    }
    return value
  }

  /// Skips `word` if it comes next. Returns whether it was skipped.
  mutating func takeWord(_ word: String) -> Bool {
    skipSpace()
    guard bytes[position...].starts(with: word.utf8) else { return false }
    position += word.utf8.count
    return true
  }

  /// Skips a number if one comes next: digits with an optional sign, fraction and exponent. Returns whether
  /// one was skipped.
  mutating func takeNumber() -> Bool {
    skipSpace()
    let begin = position
    func digits() -> Int {
      var count = 0
      while position + count < bytes.count, (0x30...0x39).contains(bytes[position + count]) { count += 1 }
      return count
    }
    if isAtStart(of: "-") { position += 1 }
    let leadsWithZero = isAtStart(of: "0")
    var isNumber = digits() > 0 && !(leadsWithZero && digits() > 1)
    position += digits()
    if isNumber, isAtStart(of: ".") {
      position += 1
      isNumber = digits() > 0
      position += digits()
    }
    if isNumber, isAtStart(of: "e") || isAtStart(of: "E") {
      position += 1
      if isAtStart(of: "+") || isAtStart(of: "-") { position += 1 }
      isNumber = digits() > 0
      position += digits()
    }
    if !isNumber { position = begin }
    return isNumber
  }

  mutating func string() throws(HeaderError) -> String {
    try expect("\"")
    var content: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      switch byte {
      case 0x22:
        guard let value = String(validating: content, as: UTF8.self) else {
          throw error("expected a string in UTF-8")
        }
        return value
      case 0x5c: content += Array(String(try escape()).utf8)
      case 0..<0x20: throw error("expected no bare control character in a string")
      default: content.append(byte)
      }
    }
    throw error("expected '\"' before the end")
  }

  /// Reads an escape sequence after its backslash and returns its character.
  private mutating func escape() throws(HeaderError) -> Unicode.Scalar {
    guard position < bytes.count else { throw error("expected a character after '\\'") }
    let byte = bytes[position]
    position += 1
    switch byte {
    case 0x22, 0x5c, 0x2f: return Unicode.Scalar(byte)
    case 0x62: return "\u{8}"
    case 0x66: return "\u{c}"
    case 0x6e: return "\n"
    case 0x72: return "\r"
    case 0x74: return "\t"
    case 0x75: return try unicodeEscape()
    default: throw error("expected one of \"\\/bfnrtu after '\\'")
    }
  }

  /// Reads the rest of `\uXXXX` after `\u` and returns its character. Two sequences that form a surrogate
  /// pair give one character.
  private mutating func unicodeEscape() throws(HeaderError) -> Unicode.Scalar {
    let first = try hexadecimal()
    if let scalar = Unicode.Scalar(first) { return scalar }
    if first < 0xdc00, isAtStart(of: "\\") {
      position += 1
      if isAtStart(of: "u") {
        position += 1
        let second = try hexadecimal()
        if (0xdc00..<0xe000).contains(second),
          let scalar = Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
        {
          return scalar
        }
      }
    }
    throw error("expected a whole surrogate pair")
  }

  private mutating func hexadecimal() throws(HeaderError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard position < bytes.count, let digit = Unicode.Scalar(bytes[position]).hexadecimalValue else {
        throw error("expected four hexadecimal digits after '\\u'")
      }
      value = value << 4 | digit
      position += 1
    }
    return value
  }
}

extension Unicode.Scalar {
  fileprivate var hexadecimalValue: UInt32? {
    switch self {
    case "0"..."9": value - 0x30
    case "a"..."f": value - 0x61 + 10
    case "A"..."F": value - 0x41 + 10
    default: nil
    }
  }
}
