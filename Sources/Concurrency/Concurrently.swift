import Dispatch

/// Does two things at the same time, each on a thread of its own.
///
/// - Returns: what they return, in the same order.
package func concurrently<First: Sendable, Second: Sendable>(
  _ first: @Sendable () -> First, _ second: @Sendable () -> Second
) -> (First, Second) {
  // Each is written by one thread, and read when both have ended.
  nonisolated(unsafe) var one: First?
  nonisolated(unsafe) var other: Second?
  DispatchQueue.concurrentPerform(iterations: 2) { place in
    if place == 0 { one = first() } else { other = second() }
  }
  return (one ?? first(), other ?? second())
}
