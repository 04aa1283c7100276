/// An optional that is written as `null` if it has no value, so that readers of the JSON see what was not
/// measured.
///
/// When reading, a missing key counts as `null`, so a section that is added later does not break older
/// records.
@propertyWrapper
package struct Nullable<Value> {
  package var wrappedValue: Value?

  package init(wrappedValue: Value?) {
    self.wrappedValue = wrappedValue
  }
}

extension Nullable: Sendable where Value: Sendable {}
extension Nullable: Equatable where Value: Equatable {}

extension Nullable: Encodable where Value: Encodable {
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let wrappedValue {
      try container.encode(wrappedValue)
    } else {
      try container.encodeNil()
    }
  }
}

extension Nullable: Decodable where Value: Decodable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    self.init(wrappedValue: container.decodeNil() ? nil : try container.decode(Value.self))
  }
}

extension KeyedDecodingContainer {
  /// Synthesised `Decodable` conformances call this for a `@Nullable` property.
  package func decode<Value: Decodable>(_ type: Nullable<Value>.Type, forKey key: Key) throws
    -> Nullable<Value>
  {
    Nullable(wrappedValue: try decodeIfPresent(Value.self, forKey: key))
  }
}
