/// An optional that is written as `null` where there is no value, so that a reader sees what was not measured.
///
/// On reading, a key that is missing counts as `null`: a section added later does not break older records.
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
  /// What synthesised `Decodable` conformances call for a `@Nullable` property.
  package func decode<Value: Decodable>(_ type: Nullable<Value>.Type, forKey key: Key) throws
    -> Nullable<Value>
  {
    Nullable(wrappedValue: try decodeIfPresent(Value.self, forKey: key))
  }
}
