/// Values by key, found by comparing one key after another: for a handful of keys that is faster than hashing.
struct ShortMap<Key: Equatable, Value> {
  private var keys: [Key] = []
  private var values: [Value] = []

  subscript(key: Key) -> Value? {
    for index in keys.indices where keys[index] == key { return values[index] }
    return nil
  }

  /// - Parameter key: has no value yet.
  mutating func insert(_ value: Value, for key: Key) {
    keys.append(key)
    values.append(value)
  }
}
