import Foundation

/// Wall-clock seconds by section.
struct Timings {
  private(set) var seconds: [String: Double] = [:]

  mutating func add(_ seconds: Double, to section: String) { self.seconds[section, default: 0] += seconds }

  mutating func measure<T>(_ section: String, _ body: () throws -> T) rethrows -> T {
    let start = DispatchTime.now().uptimeNanoseconds
    defer {
      seconds[section, default: 0] += Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9
    }
    return try body()
  }
}
