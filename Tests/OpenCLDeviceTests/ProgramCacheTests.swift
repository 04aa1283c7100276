import Digests
import Foundation
import Testing

@testable import OpenCLDevice

@Suite("Compiled programs on disk")
struct ProgramCacheTests {
  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("causalgap-cache-\(UUID().uuidString)")
  private let key = ProgramCache.Key(
    source: "kernel", options: "-D A=1", device: "d", driverVersion: "1", platformVersion: "3")
  private let binary = [UInt8]("binary\nwith lines\n".utf8)

  @Test("an entry comes back as it was stored")
  func roundTrip() {
    defer { try? FileManager.default.removeItem(at: folder) }
    let cache = ProgramCache(folder: folder)
    #expect(cache.load(key) == nil)
    cache.store(binary, key)
    #expect(cache.load(key) == binary)
  }

  @Test("any changed part of the key is another entry")
  func keys() {
    defer { try? FileManager.default.removeItem(at: folder) }
    let cache = ProgramCache(folder: folder)
    cache.store(binary, key)
    for change in [\ProgramCache.Key.source, \.options, \.device, \.driverVersion, \.platformVersion] {
      var other = key
      other[keyPath: change] += "x"
      #expect(cache.load(other) == nil)
    }
    // Moving characters from one part to the next gives another key.
    var moved = key
    (moved.device, moved.driverVersion) = ("d1", "")
    #expect(moved.digest != key.digest)
  }

  @Test("a truncated, flipped or empty entry is no entry")
  func damage() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let cache = ProgramCache(folder: folder)
    cache.store(binary, key)
    let file = try #require(cache.file(key))
    let whole = try Data(contentsOf: file)
    for cut in [0, 1, 30, whole.count - 1] {
      try whole.prefix(cut).write(to: file)
      #expect(cache.load(key) == nil, "cut at \(cut)")
    }
    for position in [0, 25, 60, whole.count - 3] {
      var damaged = whole
      damaged[position] ^= 0x10
      try damaged.write(to: file)
      #expect(cache.load(key) == nil, "flipped at \(position)")
    }
  }

  @Test("a folder that can't be made is ignored")
  func unwritable() {
    let cache = ProgramCache(folder: URL(fileURLWithPath: "/dev/null/programs"))
    cache.store(binary, key)
    #expect(cache.load(key) == nil)
    ProgramCache(folder: nil).store(binary, key)
  }

  @Test("the folder follows XDG_CACHE_HOME, then HOME")
  func standard() {
    #expect(
      ProgramCache.standard(["XDG_CACHE_HOME": "/x", "HOME": "/h"]).folder?.path == "/x/causalgap/programs")
    #expect(ProgramCache.standard(["HOME": "/h"]).folder?.path == "/h/.cache/causalgap/programs")
    #expect(ProgramCache.standard([:]).folder == nil)
  }

  @Test("the hash is FNV-1a of 128 bits")
  func hash() {
    var hash = FNV1a()
    hash.combine([])
    #expect(hash.digest == "6c62272e07bb014262b821756295c58d")
    // The test vector of draft-eastlake-fnv for "a".
    hash.combine([UInt8(ascii: "a")])
    #expect(hash.digest == "d228cb696f1a8caf78912b704e4a8964")
  }
}
