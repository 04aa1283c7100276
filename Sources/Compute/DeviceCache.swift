import Foundation

/// The cache folder: compiled programs, tuning records, validated devices.
package enum DeviceCache {
  /// `causalgap` under `$XDG_CACHE_HOME`, or else under `~/.cache`; nil if neither is an absolute path.
  package static func folder(
    _ environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> URL? {
    let base: URL
    if let path = environment["XDG_CACHE_HOME"], path.hasPrefix("/") {
      base = URL(fileURLWithPath: path, isDirectory: true)
    } else if let home = environment["HOME"], home.hasPrefix("/") {
      base = URL(fileURLWithPath: home, isDirectory: true).appendingPathComponent(".cache", isDirectory: true)
    } else {
      return nil
    }
    return base.appendingPathComponent("causalgap", isDirectory: true)
  }
}
