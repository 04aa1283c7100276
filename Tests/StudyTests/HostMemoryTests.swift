import Foundation
import TestSupport
import Testing

@testable import Study

@Suite("The memory of this process")
struct HostMemoryTests {
  @Test("is what its control group or one above it allows, in both versions")
  func controlGroup() throws {
    try withFolder { folder in
      func write(_ text: String, _ name: String) throws {
        let file = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
      }
      func limit(_ list: String) throws -> Int? {
        try write(list, "list")
        return HostMemory.controlGroup(folder.appendingPathComponent("list").path, root: folder.path)
      }
      #expect(try limit("0::/\n") == nil)
      try write("max\n", "a/b/memory.max")
      #expect(try limit("0::/a/b\n") == nil)
      try write("4096\n", "a/memory.max")
      #expect(try limit("0::/a/b\n") == 4096)
      #expect(try limit("0::/a:b\n") == nil)
      try write("1024\n", "memory/x/memory.limit_in_bytes")
      try write("8192\n", "memory/memory.limit_in_bytes")
      #expect(try limit("4:cpu,memory:/x\n0::/a\n") == 1024)
      #expect(try limit("4:memory:/none\n") == 8192)
      #expect(HostMemory.controlGroup(folder.path + "/none", root: folder.path) == nil)
    }
    #expect(HostMemory.limit > 1 << 26)
  }
}
