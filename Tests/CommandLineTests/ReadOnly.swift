import Foundation
import TestSupport
import Testing

/// Makes a folder read-only for a while: by its permissions or, for root, who can write anywhere, by its
/// mount.
enum ReadOnly {
  static let isPossible: Bool = getuid() != 0 || SmallDisk.isPossible

  static func during(_ folder: URL, _ body: () throws -> Void) throws {
    if getuid() == 0 {
      try #require(succeeds(["mount", "--bind", folder.path, folder.path]))
      defer { _ = succeeds(["umount", "-l", folder.path]) }
      try #require(succeeds(["mount", "-o", "remount,ro,bind", folder.path]))
      try body()
    } else {
      try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: folder.path)
      defer {
        try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
      }
      try body()
    }
  }
}
