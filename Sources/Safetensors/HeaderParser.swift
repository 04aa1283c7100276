/// Parses the JSON of the header: one object that contains tensors and a `__metadata__` object of strings (or
/// null). Keys of a tensor that the format does not define are skipped, as other readers do.
///
/// The parser is written by hand for two reasons: a general parser silently keeps one of two equal keys, and
/// this one skips values without recursion, so no input can exhaust the stack.
struct HeaderParser {
  private var text: JSONCursor

  /// - Throws: `HeaderError` at the first byte that is not allowed.
  static func parse(_ bytes: [UInt8]) throws(HeaderError) -> Header {
    var parser = HeaderParser(text: JSONCursor(bytes))
    return try parser.header()
  }

  private mutating func header() throws(HeaderError) -> Header {
    var header = Header()
    var names: Set<String> = []
    try object { (parser, name) throws(HeaderError) in
      guard names.insert(name).inserted else { throw .duplicate(name: name) }
      if name == Header.metadataKey {
        header.metadata = try parser.metadata()
      } else {
        header.entries.append(try parser.entry(named: name))
      }
    }
    text.skipSpace()
    guard text.isAtEnd else { throw text.error("expected nothing after the last '}'") }
    return header
  }

  private mutating func metadata() throws(HeaderError) -> [String: String] {
    if text.takeNull() { return [:] }
    var values: [String: String] = [:]
    try object { (parser, key) throws(HeaderError) in
      let value = try parser.text.string()
      guard values.updateValue(value, forKey: key) == nil else { throw .duplicate(name: key) }
    }
    return values
  }

  private mutating func entry(named name: String) throws(HeaderError) -> Header.Entry {
    var dtype: String?
    var shape: [Int]?
    var offsets: [Int]?
    try object { (parser, key) throws(HeaderError) in
      let isRepeated: Bool
      switch key {
      case "dtype":
        isRepeated = dtype != nil
        dtype = try parser.text.string()
      case "shape":
        isRepeated = shape != nil
        shape = try parser.integers()
      case "data_offsets":
        isRepeated = offsets != nil
        offsets = try parser.integers()
      default:
        isRepeated = false
        try parser.text.skipValue()
      }
      if isRepeated { throw parser.text.error("tensor '\(name)' has '\(key)' twice") }
    }
    guard let dtype, let shape, let offsets, offsets.count == 2 else {
      throw text.error("tensor '\(name)' needs dtype, shape and two data_offsets")
    }
    return Header.Entry(name: name, dtype: dtype, shape: shape, begin: offsets[0], end: offsets[1])
  }

  /// Reads `{ "key": value, … }`. It passes each key to `member`, which reads the value.
  private mutating func object(
    _ member: (inout HeaderParser, String) throws(HeaderError) -> Void
  ) throws(HeaderError) {
    try text.expect("{")
    if text.take("}") { return }
    repeat {
      let key = try text.string()
      try text.expect(":")
      try member(&self, key)
    } while text.take(",")
    try text.expect("}")
  }

  private mutating func integers() throws(HeaderError) -> [Int] {
    try text.expect("[")
    if text.take("]") { return [] }
    var values: [Int] = []
    repeat {
      values.append(try text.integer())
    } while text.take(",")
    try text.expect("]")
    return values
  }
}
