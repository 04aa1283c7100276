import Foundation
import TestSupport
import Testing

@testable import AtomicFile

@Suite("Atomic writing")
struct AtomicFileTests {
  private func names(in folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  @Test(
    "a file is created and replaced, and its folder then has no other file",
    arguments: [0, 1, 4097, 1_000_003])
  func createAndReplace(count: Int) throws {
    try withFolder { folder in
      let url = folder.appendingPathComponent("run ü.json")
      let first = Data((0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) })
      try writeAtomically(first, to: url)
      #expect(try Data(contentsOf: url) == first)
      try writeAtomically(Data("second".utf8), to: url)
      #expect(try Data(contentsOf: url) == Data("second".utf8))
      #expect(try names(in: folder) == ["run ü.json"])
    }
  }

  @Test("a slice of data writes its own bytes")
  func slice() throws {
    try withFolder { folder in
      let url = folder.appendingPathComponent("slice")
      try writeAtomically(Data([9, 8, 7, 6])[1..<3], to: url)
      #expect(try Data(contentsOf: url) == Data([8, 7]))
    }
  }

  @Test("a name of the maximum length can be written")
  func longName() throws {
    try withFolder { folder in
      let name = String(repeating: "n", count: 255)
      try writeAtomically(Data([1]), to: folder.appendingPathComponent(name))
      #expect(try names(in: folder) == [name])
    }
  }

  @Test("interrupted and short writes are continued")
  func shortWrites() throws {
    try withFolder { folder in
      let url = folder.appendingPathComponent("short")
      let data = Data((0..<100).map { UInt8($0) })
      var calls = 0
      try writeAtomically([data], to: url) { file, bytes in
        calls += 1
        if calls % 3 == 0 {
          errno = EINTR
          return -1
        }
        return write(file, bytes.baseAddress, min(7, bytes.count))
      }
      #expect(try Data(contentsOf: url) == data)
    }
  }

  @Test("a full disk leaves the old file, no temporary file, and an error that names the path")
  func fullDisk() throws {
    try withFolder { folder in
      let url = folder.appendingPathComponent("model.safetensors")
      try writeAtomically(Data("old".utf8), to: url)
      var calls = 0
      let error = #expect(throws: AtomicFileError.self) {
        try writeAtomically([Data(count: 1000)], to: url) { file, bytes in
          calls += 1
          if calls > 1 {
            errno = ENOSPC
            return -1
          }
          return write(file, bytes.baseAddress, 10)
        }
      }
      #expect(error == AtomicFileError(path: url.path, step: .write, code: ENOSPC))
      #expect(error?.description.contains(url.path) == true)
      #expect(error?.description.contains("free some space") == true)
      #expect(try Data(contentsOf: url) == Data("old".utf8))
      #expect(try names(in: folder) == ["model.safetensors"])
    }
  }

  @Test("a folder that does not exist is an error and is not created")
  func noFolder() throws {
    try withFolder { folder in
      let url = folder.appendingPathComponent("absent/run.json")
      #expect(throws: AtomicFileError(path: url.path, step: .open, code: ENOENT)) {
        try writeAtomically(Data([1]), to: url)
      }
      let left = try names(in: folder)
      #expect(left.isEmpty)
    }
  }

  @Test("a folder in the place of the file is an error, and no temporary file remains")
  func folderInPlace() throws {
    try withFolder { folder in
      let url = folder.appendingPathComponent("taken")
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
      let error = #expect(throws: AtomicFileError.self) { try writeAtomically(Data([1]), to: url) }
      #expect(error?.step == .rename)
      #expect(try names(in: folder) == ["taken"])
    }
  }

  @Test("a folder is made with its parents, or exists already; a file in its way is an error that names it")
  func durableFolder() throws {
    try withFolder { folder in
      let deep = folder.appendingPathComponent("a/b ü/c")
      for _ in 0..<2 { try makeDurableFolder(at: deep) }
      #expect(try names(in: folder.appendingPathComponent("a/b ü")) == ["c"])
      let file = folder.appendingPathComponent("file")
      try Data().write(to: file)
      let below = file.appendingPathComponent("x")
      #expect(throws: (any Error).self) {
        try makeDurableFolder(at: below)
        try writeAtomically(Data(), to: below.appendingPathComponent("y"))
      }
    }
  }

  @Test("pieces that can't be made leave the old file and no temporary one")
  func failingProducer() throws {
    struct Failure: Error {}
    try withFolder { folder in
      let url = folder.appendingPathComponent("file")
      try writeAtomically(Data("old".utf8), to: url)
      #expect(throws: Failure.self) {
        try writeAtomically(to: url) { take in
          try take(Data("new".utf8))
          throw Failure()
        }
      }
      #expect(try Data(contentsOf: url) == Data("old".utf8))
      #expect(try names(in: folder) == ["file"])
    }
  }

  @Test("a URL that is not a file is an error")
  func notAFile() throws {
    let url = try #require(URL(string: "https://example.org/run.json"))
    #expect(throws: AtomicFileError.self) { try writeAtomically(Data([1]), to: url) }
  }

  @Test("only temporary files of killed writes are removed")
  func unfinished() throws {
    try withFolder { folder in
      let (left, mine) = (".run.json.3w5e11264sgsf.tmp", ["run.json", "notes.tmp", ".x.tmp", ".a.B.tmp"])
      for name in [left] + mine { try Data([1]).write(to: folder.appendingPathComponent(name)) }
      removeUnfinishedWrites(in: folder)
      #expect(try Set(names(in: folder)) == Set(mine))
      removeUnfinishedWrites(in: folder.appendingPathComponent("none"))
    }
  }

  @Test("a symbolic link remains, and the file that it points to is replaced, also through several links")
  func links() throws {
    try withFolder { folder in
      let manager = FileManager.default
      let below = folder.appendingPathComponent("below")
      try manager.createDirectory(at: below, withIntermediateDirectories: false)
      let target = below.appendingPathComponent("target")
      try Data("old".utf8).write(to: target)
      let link = folder.appendingPathComponent("link")
      try manager.createSymbolicLink(atPath: link.path, withDestinationPath: "second")
      try manager.createSymbolicLink(
        atPath: folder.appendingPathComponent("second").path, withDestinationPath: "below/../below/target")
      try writeAtomically(Data("new".utf8), to: link)
      #expect(try Data(contentsOf: target) == Data("new".utf8))
      #expect(try manager.destinationOfSymbolicLink(atPath: link.path) == "second")
      #expect(try names(in: folder) == ["below", "link", "second"])
      #expect(try names(in: below) == ["target"])
      // Writing through a link to a missing file creates the file.
      try manager.removeItem(at: target)
      try writeAtomically(Data("again".utf8), to: link)
      #expect(try Data(contentsOf: target) == Data("again".utf8))
    }
  }

  @Test("circular links, and links into a folder that does not exist, are errors and remain")
  func brokenLinks() throws {
    try withFolder { folder in
      let links = [("a", "b", ELOOP), ("b", "a", ELOOP), ("c", "none/x", ENOENT)]
      for (name, destination, _) in links {
        try FileManager.default.createSymbolicLink(
          atPath: folder.appendingPathComponent(name).path, withDestinationPath: destination)
      }
      for (name, _, code) in links {
        let link = folder.appendingPathComponent(name)
        let error = #expect(throws: AtomicFileError.self) { try writeAtomically(Data([1]), to: link) }
        #expect(error?.path == link.path && error?.code == code)
      }
      #expect(try names(in: folder) == ["a", "b", "c"])
    }
  }

  @Test("a pipe receives the bytes and remains a pipe, even if its reader opens it later")
  func pipe() throws {
    try withFolder { folder in
      let pipe = folder.appendingPathComponent("pipe")
      try #require(mkfifo(pipe.path, 0o600) == 0)
      let data = Data((0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
      let reader = Process()
      reader.executableURL = URL(fileURLWithPath: "/bin/sh")
      let copy = folder.appendingPathComponent("copy")
      reader.arguments = ["-c", "sleep 0.3; cat \"$0\" > \"$1\"", pipe.path, copy.path]
      try reader.run()
      try writeAtomically(data, to: pipe)
      reader.waitUntilExit()
      #expect(try Data(contentsOf: copy) == data)
      #expect(isStream(pipe) && !isStream(copy))
      #expect(try names(in: folder) == ["copy", "pipe"])
    }
  }

  @Test("a pipe without a reader is an error and remains")
  func unreadPipe() throws {
    try withFolder { folder in
      let pipe = folder.appendingPathComponent("pipe")
      try #require(mkfifo(pipe.path, 0o600) == 0)
      #expect(throws: AtomicFileError(path: pipe.path, step: .openStream, code: ENXIO)) {
        try writeAtomically(Data([1]), to: pipe)
      }
      #expect(isStream(pipe))
    }
  }

  @Test("a device is written to and remains a device, by its name or through a link")
  func device() throws {
    try withFolder { folder in
      let link = folder.appendingPathComponent("link")
      try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: "/dev/full")
      for url in [link, URL(fileURLWithPath: "/dev/full")] {
        #expect(throws: AtomicFileError(path: url.path, step: .write, code: ENOSPC)) {
          try writeAtomically(Data([1]), to: url)
        }
        #expect(isStream(url))
      }
      try writeAtomically(Data([1]), to: URL(fileURLWithPath: "/dev/null"))
      #expect(isStream(URL(fileURLWithPath: "/dev/null")))
      #expect(try names(in: folder) == ["link"])
    }
  }

  @Test("an open descriptor is written at its position, and its file remains")
  func descriptor() throws {
    try withFolder { folder in
      let url = folder.appendingPathComponent("appended")
      try Data("head ".utf8).write(to: url)
      let file = open(url.path, O_WRONLY | O_APPEND)
      try #require(file >= 0)
      defer { close(file) }
      let named = URL(fileURLWithPath: "/dev/fd/\(file)")
      #expect(isStream(named))
      try writeAtomically([Data("one ".utf8), Data("two".utf8)], to: named)
      #expect(try Data(contentsOf: url) == Data("head one two".utf8))
      #expect(try names(in: folder) == ["appended"])
    }
  }
}
