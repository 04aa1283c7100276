import Foundation

/// The cache folder: compiled programs, tuning records, validated devices.
package enum DeviceCache {
  /// `causalgap` under `$XDG_CACHE_HOME`, or else under `~/.cache`; nil if neither is an absolute path in UTF-8.
  package static func folder(
    _ environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> URL? {
    // Foundation decodes a path that is not UTF-8 with replacement characters, which make another name.
    func isUsable(_ path: String) -> Bool { path.hasPrefix("/") && !path.contains("\u{FFFD}") }
    let base: URL
    if let path = environment["XDG_CACHE_HOME"], path.hasPrefix("/") {
      guard isUsable(path) else { return nil }
      base = URL(fileURLWithPath: path, isDirectory: true)
    } else if let home = environment["HOME"], isUsable(home) {
      base = URL(fileURLWithPath: home, isDirectory: true).appendingPathComponent(".cache", isDirectory: true)
    } else {
      return nil
    }
    return base.appendingPathComponent("causalgap", isDirectory: true)
  }
}
