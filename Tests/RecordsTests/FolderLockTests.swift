import Foundation
import TestSupport
import Testing

@testable import Records

@Suite("The lock of a study folder", .serialized)
struct FolderLockTests {
  private func hold(_ folder: StudyFolder, during body: () throws -> Void) throws {
    let lock = try folder.lock()
    try withExtendedLifetime(lock, body)
  }

  @Test("a second holder is refused with one line that names the folder, and gets it once the first is gone")
  func exclusive() throws {
    try withFolder { url in
      let folder = StudyFolder(url)
      try hold(folder) {
        let error = #expect(throws: RecordError.self) { _ = try folder.lock() }
        #expect(error == .locked(folder: url.path, process: Int(getpid())))
        #expect(error?.description.contains(url.path) == true)
        #expect(error?.description.contains("\n") == false)
      }
      try hold(folder) {}
    }
  }

  @Test("another process's lock counts, and ends when that process is killed")
  func otherProcess() throws {
    try withFolder { url in
      let folder = StudyFolder(url)
      let child = Process()
      child.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      child.arguments = ["flock", "--no-fork", folder.lockFile.path, "sleep", "60"]
      child.standardError = FileHandle.nullDevice
      try child.run()
      defer { if child.isRunning { kill(child.processIdentifier, SIGKILL) } }

      func isLocked() throws -> Bool {
        do {
          try hold(folder) {}
          return false
        } catch RecordError.locked {
          return true
        }
      }
      func wait(until locked: Bool) throws -> Bool {
        for _ in 0..<500 {
          if try isLocked() == locked { return true }
          usleep(20_000)
        }
        return false
      }
      #expect(try wait(until: true))
      kill(child.processIdentifier, SIGKILL)
      child.waitUntilExit()
      #expect(try wait(until: false))
    }
  }

  @Test("a process started by the holder does not keep the folder")
  func notInherited() throws {
    try withFolder { url in
      let folder = StudyFolder(url)
      let child = Process()
      child.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      child.arguments = ["sleep", "60"]
      try hold(folder) { try child.run() }
      defer { kill(child.processIdentifier, SIGKILL) }
      try hold(folder) {}
    }
  }
}
