import Synchronization

/// Values by a number of seeds, each made when it is first wanted. Of large ones only the latest are kept.
final class Kept<Value: Sendable>: Sendable {
  /// What all values together may take, in bytes; the latest is kept whatever its size.
  private static var limit: Int { 256 << 20 }

  private let values = Mutex<[(count: Int, value: Value, bytes: Int)]>([])

  /// The value for a number of seeds. While one thread makes it, others wait.
  ///
  /// - Throws: what `make` throws.
  func value<Failure: Error>(
    _ count: Int, bytes: (Value) -> Int, _ make: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    try values.withLock { values throws(Failure) in
      if let found = values.first(where: { $0.count == count }) { return found.value }
      let value = try make()
      values.append((count, value, bytes(value)))
      while values.count > 1, values.reduce(0, { $0 + $1.bytes }) > Self.limit { values.removeFirst() }
      return value
    }
  }
}
