/// Decodes a value from the words of a JSON text, several times as fast as Foundation's decoder.
///
/// It throws at anything that is not as expected and says nothing about it: `RecordCoding.decode` then asks Foundation's decoder,
/// whose answer or error counts. Of two equal keys in an object the first counts, as there.
struct WordDecoder: Decoder {
  let words: JSONWords
  /// The place of the value in `words.words`.
  let place: Int

  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  /// The value of a text; `nil` if only Foundation's decoder may say what it is.
  static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) -> Value? {
    guard let words = JSONWords(bytes), let value = try? words.value(type, at: 0), !words.isUnusual
    else { return nil }
    return value
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard words.words[place].kind == .object else { throw WordError.mismatch }
    return KeyedDecodingContainer(KeyedWords<Key>(words: words, object: place))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard words.words[place].kind == .array else { throw WordError.mismatch }
    return UnkeyedWords(words: words, array: place, place: place + 1)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer { self }
}

extension WordDecoder: SingleValueDecodingContainer {
  func decodeNil() -> Bool { words.words[place].kind == .null }
  func decode(_ type: Bool.Type) throws -> Bool { try words.flag(at: place) }
  func decode(_ type: String.Type) throws -> String { try words.text(of: words.words[place]) }
  func decode(_ type: Double.Type) throws -> Double { try words.number(at: place) }
  func decode(_ type: Int.Type) throws -> Int { try words.integer(type, at: place) }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    // A number's type asks here for itself.
    if let integers = type as? any FixedWidthInteger.Type {
      guard let value = try words.integer(integers, at: place) as? Value else { throw words.unusual() }
      return value
    }
    if type is any Numeric.Type, type != Double.self { throw words.unusual() }
    return try words.value(type, at: place)
  }
}

/// The members of an object.
private struct KeyedWords<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let words: JSONWords
  let object: Int

  var codingPath: [any CodingKey] { [] }

  var allKeys: [Key] {
    var seen: Set<String> = []
    return words.members(of: object).compactMap { name, _ in
      seen.insert(name).inserted ? Key(stringValue: name) : nil
    }
  }

  private func find(_ key: Key) throws -> Int {
    guard let place = words.member(key.stringValue, of: object) else { throw WordError.mismatch }
    return place
  }

  private func findPresent(_ key: Key) -> Int? {
    words.member(key.stringValue, of: object).flatMap { words.words[$0].kind == .null ? nil : $0 }
  }

  func contains(_ key: Key) -> Bool { words.member(key.stringValue, of: object) != nil }
  func decodeNil(forKey key: Key) throws -> Bool { words.words[try find(key)].kind == .null }
  func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try words.flag(at: find(key)) }
  func decode(_ type: String.Type, forKey key: Key) throws -> String {
    try words.text(of: words.words[find(key)])
  }
  func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try words.number(at: find(key)) }
  func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try words.integer(type, at: find(key)) }
  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    try words.value(type, at: find(key))
  }

  func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
    try findPresent(key).map { try words.text(of: words.words[$0]) }
  }
  func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? {
    try findPresent(key).map(words.number)
  }
  func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? {
    try findPresent(key).map { try words.integer(type, at: $0) }
  }
  func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
    try findPresent(key).map { try words.value(type, at: $0) }
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    try WordDecoder(words: words, place: find(key)).container(keyedBy: type)
  }
  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try WordDecoder(words: words, place: find(key)).unkeyedContainer()
  }
  func superDecoder() throws -> any Decoder { throw words.unusual() }
  func superDecoder(forKey key: Key) throws -> any Decoder { throw words.unusual() }
}

/// The elements of an array.
private struct UnkeyedWords: UnkeyedDecodingContainer {
  let words: JSONWords
  let array: Int
  /// The place of the next element.
  var place: Int
  var currentIndex = 0

  var codingPath: [any CodingKey] { [] }
  var count: Int? { nil }
  var isAtEnd: Bool { place == words.words[array].next }

  /// The place of the next element, which is left behind.
  private mutating func next() throws -> Int {
    guard !isAtEnd else { throw WordError.mismatch }
    defer {
      place = words.words[place].next
      currentIndex += 1
    }
    return place
  }

  mutating func decodeNil() throws -> Bool {
    guard !isAtEnd else { throw WordError.mismatch }
    guard words.words[place].kind == .null else { return false }
    _ = try next()
    return true
  }
  mutating func decode(_ type: Bool.Type) throws -> Bool { try words.flag(at: next()) }
  mutating func decode(_ type: String.Type) throws -> String { try words.text(of: words.words[next()]) }
  mutating func decode(_ type: Double.Type) throws -> Double { try words.number(at: next()) }
  mutating func decode(_ type: Int.Type) throws -> Int { try words.integer(type, at: next()) }
  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try words.value(type, at: next())
  }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) throws -> KeyedDecodingContainer<Nested> {
    try WordDecoder(words: words, place: next()).container(keyedBy: type)
  }
  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try WordDecoder(words: words, place: next()).unkeyedContainer()
  }
  mutating func superDecoder() throws -> any Decoder { throw words.unusual() }
}
