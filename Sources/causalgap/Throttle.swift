import Foundation

/// Lets something happen only so often: a bar need not be drawn more than ten times a second.
struct Throttle {
  var interval = 0.1
  private var last = Date.distantPast

  init() {}

  /// Whether enough time has passed since the last time that this was true.
  mutating func isDue(at now: Date = Date()) -> Bool {
    guard now.timeIntervalSince(last) > interval else { return false }
    last = now
    return true
  }
}
