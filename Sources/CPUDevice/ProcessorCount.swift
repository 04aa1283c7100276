import Foundation

/// The processors that this process may use. Their number decides how many worker threads are started.
package enum ProcessorCount {
  /// The number of processors in the affinity mask, or fewer if a control group or Slurm grants less. It is at
  /// least 1.
  package static func available(
    _ environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> Int {
    let allowed = masked().count
    let granted = grantedProcessors(read).map { Int($0.rounded(.up)) }
    // Without its affinity plugin, Slurm counts on a task to keep to what it was given.
    let ordered = (environment["SLURM_CPUS_PER_TASK"] ?? environment["SLURM_CPUS_ON_NODE"])
      .flatMap { Int($0) }
    return max(1, [allowed, granted ?? allowed, ordered ?? allowed].min() ?? 1)
  }

  /// The numbers of the processors in the affinity mask of this thread.
  package static func masked() -> [Int] {
    allowedProcessors(read) ?? Array(0..<ProcessInfo.processInfo.activeProcessorCount)
  }

  private static func read(_ path: String) -> String? {
    try? String(contentsOfFile: path, encoding: .utf8)
  }

  /// The processors in the affinity mask of the calling thread, which new threads inherit; nil if the system does not
  /// report them.
  static func allowedProcessors(_ read: (_ path: String) -> String?) -> [Int]? {
    let lines = read("/proc/thread-self/status")?.split(separator: "\n") ?? []
    // "Cpus_allowed_list:   0-3,8"
    guard let line = lines.first(where: { $0.hasPrefix("Cpus_allowed_list:") }) else { return nil }
    var numbers: [Int] = []
    for part in line.dropFirst("Cpus_allowed_list:".count).split(separator: ",") {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map {
        Int($0.filter { !$0.isWhitespace })
      }
      guard let first = ends.first ?? nil, let last = ends.last ?? nil, first <= last else { return nil }
      numbers += first...last
    }
    return numbers.isEmpty ? nil : numbers
  }

  /// The processor time that the process's control group and its ancestors grant, as a number of processors:
  /// the smallest quota divided by its period. nil if none of them has a limit, or if the system has no
  /// control groups of version 2.
  ///
  /// - Parameter read: returns the text of a file, or nil if the file does not exist.
  static func grantedProcessors(_ read: (_ path: String) -> String?) -> Double? {
    let lines = read("/proc/self/cgroup")?.split(separator: "\n") ?? []
    guard let line = lines.first(where: { $0.hasPrefix("0::/") }) else { return nil }
    var parts = line.dropFirst("0::/".count).split(separator: "/")
    var least: Double?
    while true {
      // "quota period" in microseconds; the quota is "max" if there is no limit.
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
