import Digests

/// A checksum of what a value encodes, found without making a text of it: equal values have equal ones in every process and
/// on every machine, in whatever order their dictionaries are.
///
/// It tells contents apart and nothing more; the checksums in files are those of their texts (`JSONChecksum`).
///
/// - Throws: what the value's `encode(to:)` throws.
package func contentDigest(_ value: some Encodable) throws -> String {
  Checksum.digits(of: try digest(value))
}

/// The digest of any value. Lists and dictionaries of numbers, most of a record, don't pass through containers.
private func digest<Value: Encodable>(_ value: Value) throws -> UInt64 {
  if Value.self == [Double].self, let numbers = value as? [Double] {
    return numbers.enumerated().reduce(Kind.list.rawValue) { $0 &+ member(digest($1.0), digest($1.1)) }
  }
  if Value.self == [String: Double].self, let numbers = value as? [String: Double] {
    return numbers.reduce(Kind.object.rawValue) { $0 &+ member(digest($1.key), digest($1.value)) }
  }
  let found = FoundDigest()
  try value.encode(to: DigestEncoder(found: found))
  return found.total
}

private func digest(_ flag: Bool) -> UInt64 { Checksum.step(Kind.flag.rawValue, flag ? 1 : 0) }
private func digest(_ number: Double) -> UInt64 { Checksum.step(Kind.number.rawValue, number.bitPattern) }
private func digest(_ number: Int) -> UInt64 {
  Checksum.step(Kind.integer.rawValue, UInt64(bitPattern: Int64(number)))
}

private func digest(_ text: String) -> UInt64 {
  var text = text
  return text.withUTF8 { bytes in
    var found = Checksum.step(Kind.text.rawValue, UInt64(bytes.count))
    for begin in stride(from: 0, to: bytes.count, by: 8) {
      var word: UInt64 = 0
      for byte in bytes[begin..<min(begin + 8, bytes.count)] { word = word << 8 | UInt64(byte) }
      found = Checksum.step(found, word)
    }
    return found
  }
}

/// What a member of an object or a list adds to its digest. They are added up, so their order does not matter; that of a list is
/// in the names.
///
/// - Parameter name: the digest of the key, or of the place in a list.
private func member(_ name: UInt64, _ value: UInt64) -> UInt64 {
  Checksum.step(Checksum.step(name, value), Kind.object.rawValue)
}

/// What digests begin with, so that an empty list is no empty object.
private enum Kind: UInt64 {
  case null = 1
  case flag, integer, number, text, list, object
}

/// The digest of a value while the value is encoded.
private final class FoundDigest {
  var value = Kind.null.rawValue
  /// Members that are encoded later, in containers of their own.
  private var nested: [(name: UInt64, found: FoundDigest)] = []

  var total: UInt64 { nested.reduce(value) { $0 &+ member($1.name, $1.found.total) } }

  func add(_ name: UInt64, _ value: UInt64) { self.value &+= member(name, value) }

  func nest(_ name: UInt64) -> DigestEncoder {
    let found = FoundDigest()
    nested.append((name, found))
    return DigestEncoder(found: found)
  }
}

private struct DigestEncoder: Encoder, SingleValueEncodingContainer {
  let found: FoundDigest

  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    found.value = Kind.object.rawValue
    return KeyedEncodingContainer(ObjectDigest(found: found))
  }
  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    found.value = Kind.list.rawValue
    return ListDigest(found: found)
  }
  func singleValueContainer() -> any SingleValueEncodingContainer { self }

  func encodeNil() { found.value = Kind.null.rawValue }
  func encode(_ value: Bool) { found.value = digest(value) }
  func encode(_ value: Int) { found.value = digest(value) }
  func encode(_ value: Double) { found.value = digest(value) }
  func encode(_ value: String) { found.value = digest(value) }
  func encode<Value: Encodable>(_ value: Value) throws {
    // The type of a number asks here for itself.
    if let number = value as? any FixedWidthInteger {
      found.value = digest(Int(truncatingIfNeeded: number))
    } else if let number = value as? any BinaryFloatingPoint {
      found.value = digest(Double(number))
    } else {
      found.value = try digest(value)
    }
  }
}

private struct ObjectDigest<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let found: FoundDigest

  var codingPath: [any CodingKey] { [] }

  private func add(_ key: Key, _ value: UInt64) { found.add(digest(key.stringValue), value) }

  func encodeNil(forKey key: Key) { add(key, Kind.null.rawValue) }
  func encode(_ value: Bool, forKey key: Key) { add(key, digest(value)) }
  func encode(_ value: Int, forKey key: Key) { add(key, digest(value)) }
  func encode(_ value: Double, forKey key: Key) { add(key, digest(value)) }
  func encode(_ value: String, forKey key: Key) { add(key, digest(value)) }
  func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws { add(key, try digest(value)) }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> { found.nest(digest(key.stringValue)).container(keyedBy: type) }
  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    found.nest(digest(key.stringValue)).unkeyedContainer()
  }
  func superEncoder() -> any Encoder { found.nest(digest("super")) }
  func superEncoder(forKey key: Key) -> any Encoder { found.nest(digest(key.stringValue)) }
}

private struct ListDigest: UnkeyedEncodingContainer {
  let found: FoundDigest
  private(set) var count = 0

  var codingPath: [any CodingKey] { [] }

  private mutating func place() -> UInt64 {
    defer { count += 1 }
    return digest(count)
  }

  mutating func encodeNil() { found.add(place(), Kind.null.rawValue) }
  mutating func encode(_ value: Bool) { found.add(place(), digest(value)) }
  mutating func encode(_ value: Int) { found.add(place(), digest(value)) }
  mutating func encode(_ value: Double) { found.add(place(), digest(value)) }
  mutating func encode(_ value: String) { found.add(place(), digest(value)) }
  mutating func encode<Value: Encodable>(_ value: Value) throws { found.add(place(), try digest(value)) }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) -> KeyedEncodingContainer<Nested> { found.nest(place()).container(keyedBy: type) }
  mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    found.nest(place()).unkeyedContainer()
  }
  mutating func superEncoder() -> any Encoder { found.nest(place()) }
}
