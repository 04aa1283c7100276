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

  @Test("a second holder is refused with one line, and gets the lock after the first releases it")
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

  @Test("the lock of another process counts, and ends when that process is killed")
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

  @Test("a process started by the holder does not hold the lock")
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

  /// The result of `flock` on a file system without locks.
  private func claim(_ folder: StudyFolder, failingWith code: Int32 = ENOSYS) throws -> FolderLock {
    try folder.create()
    return try FolderLock(folder) { _ in
      errno = code
      return -1
    }
  }

  private func claimFile(_ folder: StudyFolder) -> URL { LockClaim.file(of: folder) }

  @Test(
    "if the file system has no locks, a file claims the folder and is removed with the holder",
    arguments: [ENOSYS, EOPNOTSUPP, ENOLCK])
  func noLocks(code: Int32) throws {
    try withFolder { url in
      let folder = StudyFolder(url)
      let first = try claim(folder, failingWith: code)
      withExtendedLifetime(first) {
        // No other holder exists, with or without locks.
        for attempt in [{ try claim(folder) }, { try folder.lock() }] {
          let error = #expect(throws: RecordError.self) { _ = try attempt() }
          guard case .claimed(let path, let holder, let file) = error else {
            Issue.record("expected .claimed")
            return
          }
          #expect(path == url.path && file == claimFile(folder).path)
          #expect(holder == "process \(getpid()) on \(ProcessInfo.processInfo.hostName)")
        }
      }
    }
    try withFolder { url in
      let folder = StudyFolder(url)
      _ = try claim(folder)
      #expect(try FileKind.of(claimFile(folder)) == nil)
      try hold(folder) {}
    }
  }

  @Test("a claim of an ended process is taken over; one of another machine is named, with its file")
  func endedClaims() throws {
    try withFolder { url in
      let folder = StudyFolder(url)
      try folder.create()
      func leave(_ holder: LockClaim.Holder) throws {
        try RecordCoding.encode(holder).write(to: claimFile(folder))
      }
      let host = ProcessInfo.processInfo.hostName
      let child = Process()
      child.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      child.arguments = ["true"]
      try child.run()
      child.waitUntilExit()
      // A process that has ended, and one whose number now belongs to another process.
      for holder in [
        LockClaim.Holder(host: host, process: child.processIdentifier, started: nil),
        LockClaim.Holder(host: host, process: getpid(), started: "1"),
      ] {
        try leave(holder)
        _ = try claim(folder)
        #expect(try FileKind.of(claimFile(folder)) == nil)
        try leave(holder)
        try hold(folder) {}
        try FileManager.default.removeItem(at: claimFile(folder))
      }
      for text in ["{\"host\": \"elsewhere.invalid\", \"process\": 1}", "", "garbage"] {
        try Data(text.utf8).write(to: claimFile(folder))
        let error = #expect(throws: RecordError.self) { _ = try claim(folder) }
        #expect(error?.description.contains("delete \(claimFile(folder).path)") == true)
        #expect(try Data(contentsOf: claimFile(folder)) == Data(text.utf8))
      }
      // Following the advice works.
      try FileManager.default.removeItem(at: claimFile(folder))
      _ = try claim(folder)
    }
  }

  @Test("any other failure of the lock is an error")
  func otherFailure() throws {
    try withFolder { url in
      let error = #expect(throws: RecordError.self) { _ = try claim(StudyFolder(url), failingWith: EIO) }
      #expect(error?.description.contains("can't lock it") == true)
    }
  }
}
