import Foundation

/// How many processors this process may use: what its threads are counted by.
enum ProcessorCount {
  /// The processors of the affinity mask, or fewer where a control group grants less time than they have. At least 1.
  static func available() -> Int {
    func read(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
    let allowed = allowedProcessors(read) ?? ProcessInfo.processInfo.activeProcessorCount
    guard let granted = grantedProcessors(read) else { return max(1, allowed) }
    return max(1, min(allowed, Int(granted.rounded(.up))))
  }

  /// Processors in the affinity mask of the calling thread, which the threads it makes inherit; nil where the system does not
  /// say.
  static func allowedProcessors(_ read: (_ path: String) -> String?) -> Int? {
    let lines = read("/proc/thread-self/status")?.split(separator: "\n") ?? []
    // Hexadecimal words, the last processors first: "Cpus_allowed:   ffffffff,00000003".
    guard let line = lines.first(where: { $0.hasPrefix("Cpus_allowed:") }) else { return nil }
    let count = line.dropFirst("Cpus_allowed:".count).reduce(0) {
      $0 + ($1.hexDigitValue ?? 0).nonzeroBitCount
    }
    return count > 0 ? count : nil
  }

  /// Processors' worth of time that the process's control group and those around it grant: the least of their quotas over
  /// periods. nil where none is limited, or where there are no control groups of version 2.
  ///
  /// - Parameter read: the text of a file, nil where there is none.
  static func grantedProcessors(_ read: (_ path: String) -> String?) -> Double? {
    let lines = read("/proc/self/cgroup")?.split(separator: "\n") ?? []
    guard let line = lines.first(where: { $0.hasPrefix("0::/") }) else { return nil }
    var parts = line.dropFirst("0::/".count).split(separator: "/")
    var least: Double?
    while true {
      // "quota period" in microseconds; the quota is "max" where there is none.
      let folder = (["/sys/fs/cgroup"] + parts.map(String.init)).joined(separator: "/")
      let numbers = read("\(folder)/cpu.max")?.split(whereSeparator: \.isWhitespace).map { Double($0) } ?? []
      if numbers.count == 2, let quota = numbers[0], let period = numbers[1], quota > 0, period > 0 {
        least = min(least ?? .infinity, quota / period)
      }
      if parts.isEmpty { return least }
      parts.removeLast()
    }
  }
}
