import Foundation

/// The memory that this process may use.
enum HostMemory {
  /// The bytes: the machine's, or fewer where the process's control group or a resource limit allows fewer.
  static let limit: Int = min(
    Int(clamping: ProcessInfo.processInfo.physicalMemory), controlGroup() ?? .max, addressSpace() ?? .max)

  /// The limit of the address space (`ulimit -v`); nil where there is none.
  private static func addressSpace() -> Int? {
    var limits = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limits) == 0 else { return nil }
    return limits.rlim_cur == rlim_t.max ? nil : Int(clamping: limits.rlim_cur)
  }

  /// The least limit of the process's control groups, of either version; nil where there is none, or no such system.
  ///
  /// - Parameters:
  ///   - list: `/proc/self/cgroup`
  ///   - root: where control groups are mounted
  static func controlGroup(
    _ list: String = "/proc/self/cgroup", root: String = "/sys/fs/cgroup"
  ) -> Int? {
    guard let text = try? String(contentsOfFile: list, encoding: .utf8) else { return nil }
    var limits: [Int] = []
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      let (base, name): (String, String)
      if fields[0] == "0", fields[1].isEmpty {
        (base, name) = (root, "memory.max")
      } else if fields[1].split(separator: ",").contains("memory") {
        (base, name) = (root + "/memory", "memory.limit_in_bytes")
      } else {
        continue
      }
      // A group is bound by its parents, too. Inside a container its own path may be missing.
      var place = String(fields[2])
      while true {
        let file = base + (place == "/" ? "" : place) + "/" + name
        let value = try? String(contentsOfFile: file, encoding: .utf8)
        if let value, let limit = Int(value.trimmingCharacters(in: .whitespacesAndNewlines)) {
          limits.append(limit)
        }
        guard place.count > 1, let slash = place.lastIndex(of: "/") else { break }
        place = slash == place.startIndex ? "/" : String(place[..<slash])
      }
    }
    return limits.min()
  }
}
