import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Records

@Suite("A claim on a file system without locks", .serialized)
struct ClaimTakeoverTests {
  private func claim(_ folder: StudyFolder) throws -> FolderLock {
    try folder.create()
    return try FolderLock(folder) { _ in
      errno = ENOSYS
      return -1
    }
  }

  @Test("changes with every beat, and is still whole")
  func beats() throws {
    try withFolder { url in
      let folder = StudyFolder(url)
      let claim = try LockClaim.take(folder)
      let file = LockClaim.file(of: folder)
      var texts: [Data] = [try Data(contentsOf: file)]
      for _ in 0..<3 {
        claim.beat()
        texts.append(try Data(contentsOf: file))
      }
      #expect(Set(texts).count == 4)
      #expect(texts.allSatisfy { LockClaim.Holder(text: $0)?.process == getpid() })
      #expect(Set(texts.map(\.count)).count == 1)
      #expect(!claim.isLost)
    }
  }

  @Test("is taken for abandoned after a minute without a change, by the watcher's own clock alone")
  func watch() {
    let now = Mutex(ContinuousClock.now)
    let watch = ClaimWatch { now.withLock { $0 } }
    func pass(_ seconds: Double) { now.withLock { $0 += .seconds(seconds) } }
    let (first, second) = (Data("1".utf8), Data("2".utf8))
    #expect(!watch.isSilent("a", first))
    pass(59)
    #expect(!watch.isSilent("a", first))
    #expect(!watch.isSilent("a", second))
    pass(59)
    #expect(!watch.isSilent("a", second))
    #expect(!watch.isSilent("b", second))
    pass(2)
    #expect(watch.isSilent("a", second))
    #expect(!watch.isSilent("b", second))
    #expect(!watch.isSilent("a", first))
  }

  @Test("whose file another process has replaced is lost, and leaves that file alone")
  func lost() throws {
    try withFolder { url in
      let folder = StudyFolder(url)
      var claim: LockClaim? = try LockClaim.take(folder)
      let file = LockClaim.file(of: folder)
      #expect(unlink(file.path) == 0)
      #expect(claim?.isLost == true)
      let other = Data("{\"host\": \"elsewhere.invalid\", \"process\": 1}".utf8)
      try other.write(to: file)
      #expect(claim?.isLost == true)
      claim?.beat()
      claim = nil
      #expect(try Data(contentsOf: file) == other)
    }
  }

  @Test("of a process with this machine's name but another machine's start is not taken for ended")
  func otherMachine() throws {
    try withFolder { url in
      let folder = StudyFolder(url)
      try folder.create()
      let holder = LockClaim.Holder(
        host: ProcessInfo.processInfo.hostName, machine: "another start", process: 1 << 21, started: nil)
      try RecordCoding.encode(holder).write(to: LockClaim.file(of: folder))
      #expect(throws: RecordError.self) { _ = try claim(folder) }
    }
  }

  @Test("left by an ended process is taken by one of many that try at once")
  func race() throws {
    let ended = Process()
    ended.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    ended.arguments = ["true"]
    try ended.run()
    ended.waitUntilExit()
    let holder = LockClaim.Holder(
      host: ProcessInfo.processInfo.hostName, process: ended.processIdentifier, started: nil)
    for _ in 0..<20 {
      try withFolder { url in
        let folder = StudyFolder(url)
        try RecordCoding.encode(holder).write(to: LockClaim.file(of: folder))
        let taken = Mutex<[LockClaim]>([])
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
          if let claim = try? LockClaim.take(folder) { taken.withLock { $0.append(claim) } }
        }
        #expect(taken.withLock { $0.count { !$0.isLost } } <= 1)
        // With none in between that was quicker, at least the next one gets it.
        if taken.withLock({ $0.isEmpty }) { _ = try LockClaim.take(folder) }
      }
    }
  }
}
