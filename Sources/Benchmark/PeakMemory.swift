import Foundation

/// The largest amount of RAM, in bytes, that this process has ever held: `VmHWM` of the system's status file.
/// It is nil if the system does not provide it.
package func peakMemory() -> Int? {
  guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return nil }
  for line in status.split(separator: "\n") where line.hasPrefix("VmHWM:") {
    guard let kilobytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) })
    else { return nil }
    return kilobytes * 1024
  }
  return nil
}
