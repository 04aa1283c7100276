import Foundation

/// Runs a command of the system, such as `mount`.
///
/// - Returns: whether it could be started and succeeded.
func succeeds(_ words: [String]) -> Bool {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = words
  process.standardError = FileHandle.nullDevice
  guard (try? process.run()) != nil else { return false }
  process.waitUntilExit()
  return process.terminationStatus == 0
}
