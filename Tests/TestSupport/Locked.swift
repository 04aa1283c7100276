import Foundation

/// A value that one thread at a time uses, as with `Mutex`.
///
/// Thread Sanitizer does not know how a `Mutex` works on Linux, and where many threads use one it reports a race of what the
/// lock protects. It knows this lock.
package final class Locked<Value>: @unchecked Sendable {
  private let lock = NSLock()
  private var value: Value

  package init(_ value: Value) { self.value = value }

  package func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    lock.lock()
    defer { lock.unlock() }
    return try body(&value)
  }
}
