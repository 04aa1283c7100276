/// Finds the words of a JSON text.
struct JSONScanner {
  private let bytes: [UInt8]
  private(set) var words: [JSONWords.Word] = []

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  private static let deepest = 64

  /// What may come next.
  private enum Expected { case value, firstElement, firstKey, key, separator, nothing }

  /// Finds the words.
  ///
  /// - Returns: whether the text is one JSON value, as our files have them.
  mutating func scan() -> Bool {
    guard bytes.count < 1 << 31 else { return false }
    words.reserveCapacity(bytes.count / 12)
    var place = 0
    var open: [Int] = []
    var expected = Expected.value
    while true {
      while place < bytes.count, Self.isSpace(bytes[place]) { place += 1 }
      guard place < bytes.count else { break }
      let byte = bytes[place]
      switch (expected, byte) {
      case (.firstElement, UInt8(ascii: "]")), (.firstKey, UInt8(ascii: "}")),
        (.separator, UInt8(ascii: "]")),
        (.separator, UInt8(ascii: "}")):
        guard let last = open.popLast(), (words[last].kind == .array) == (byte == UInt8(ascii: "]"))
        else { return false }
        words[last].next = words.count
        place += 1
        expected = open.isEmpty ? .nothing : .separator
      case (.separator, UInt8(ascii: ",")):
        guard let last = open.last else { return false }
        place += 1
        expected = words[last].kind == .array ? .value : .key
      case (.firstKey, UInt8(ascii: "\"")), (.key, UInt8(ascii: "\"")):
        guard takeString(&place) else { return false }
        while place < bytes.count, Self.isSpace(bytes[place]) { place += 1 }
        guard place < bytes.count, bytes[place] == UInt8(ascii: ":") else { return false }
        place += 1
        expected = .value
      case (.value, UInt8(ascii: "{")), (.value, UInt8(ascii: "[")), (.firstElement, UInt8(ascii: "{")),
        (.firstElement, UInt8(ascii: "[")):
        guard open.count < Self.deepest else { return false }
        let isObject = byte == UInt8(ascii: "{")
        open.append(words.count)
        words.append(JSONWords.Word(isObject ? .object : .array, place..<place, next: 0))
        place += 1
        expected = isObject ? .firstKey : .firstElement
      case (.value, _), (.firstElement, _):
        guard takeScalar(&place) else { return false }
        expected = open.isEmpty ? .nothing : .separator
      default: return false
      }
    }
    return expected == .nothing
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09
  }

  private mutating func add(_ kind: JSONWords.Kind, _ range: Range<Int>) {
    words.append(JSONWords.Word(kind, range, next: words.count + 1))
  }

  /// Takes a string, a number or a name; returns false for none.
  private mutating func takeScalar(_ place: inout Int) -> Bool {
    switch bytes[place] {
    case UInt8(ascii: "\""): takeString(&place)
    case UInt8(ascii: "t"): takeName("true", .true, &place)
    case UInt8(ascii: "f"): takeName("false", .false, &place)
    case UInt8(ascii: "n"): takeName("null", .null, &place)
    default: takeNumber(&place)
    }
  }

  private mutating func takeName(_ name: String, _ kind: JSONWords.Kind, _ place: inout Int) -> Bool {
    let end = place + name.utf8.count
    guard end <= bytes.count, bytes[place..<end].elementsEqual(name.utf8) else { return false }
    add(kind, place..<end)
    place = end
    return true
  }

  private mutating func takeString(_ place: inout Int) -> Bool {
    let begin = place + 1
    var (end, isEscaped, isASCII) = (begin, false, true)
    while end < bytes.count, bytes[end] != UInt8(ascii: "\"") {
      let byte = bytes[end]
      if byte == UInt8(ascii: "\\") {
        end += 1
        guard end < bytes.count, Self.meaning(of: bytes[end]) != nil else { return false }
        isEscaped = true
      } else if byte < 0x20 {
        return false
      }
      isASCII = isASCII && byte < 0x80
      end += 1
    }
    guard end < bytes.count, isASCII || String(validating: bytes[begin..<end], as: UTF8.self) != nil
    else { return false }
    add(isEscaped ? .escaped : .string, begin..<end)
    place = end + 1
    return true
  }

  private mutating func takeNumber(_ place: inout Int) -> Bool {
    let begin = place
    /// The number of digits that are skipped.
    func digits() -> Int {
      let first = place
      while place < bytes.count, bytes[place] &- UInt8(ascii: "0") < 10 { place += 1 }
      return place - first
    }
    func take(_ letter: UInt8) -> Bool {
      guard place < bytes.count, bytes[place] == letter else { return false }
      place += 1
      return true
    }
    _ = take(UInt8(ascii: "-"))
    let whole = place
    let count = digits()
    guard count == 1 || count > 1 && bytes[whole] != UInt8(ascii: "0") else { return false }
    if take(UInt8(ascii: ".")), digits() == 0 { return false }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      _ = take(UInt8(ascii: "-")) || take(UInt8(ascii: "+"))
      if digits() == 0 { return false }
    }
    add(.number, begin..<place)
    return true
  }

  /// The character that a letter stands for after a backslash; `nil` for none.
  static func meaning(of letter: UInt8) -> UInt8? {
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): letter
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0c
    case UInt8(ascii: "n"): 0x0a
    case UInt8(ascii: "r"): 0x0d
    case UInt8(ascii: "t"): 0x09
    default: nil
    }
  }
}
