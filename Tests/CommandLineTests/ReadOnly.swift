import Foundation
import TestSupport
import Testing

/// Makes a folder read-only for a while: by its permissions or, for root, who can write anywhere, by its
/// mount.
enum ReadOnly {
  static let isPossible: Bool = getuid() != 0 || SmallDisk.isPossible

  static func during(_ folder: URL, _ body: () throws -> Void) throws {
    if getuid() == 0 {
      try #require(run(["mount", "--bind", folder.path, folder.path]))
      defer { _ = run(["umount", "-l", folder.path]) }
      try #require(run(["mount", "-o", "remount,ro,bind", folder.path]))
      try body()
    } else {
      try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: folder.path)
      defer {
        try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
      }
      try body()
    }
  }

  private static func run(_ words: [String]) -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}
