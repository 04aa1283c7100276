import Testing

@testable import CPUDevice

@Suite("Memory in large pages")
struct PageArenaTests {
  @Test("is aligned, and no two pieces overlap")
  func pieces() throws {
    let arena = PageArena()
    let sizes = [1, 64, 65, 4096, 100_000, 1 << 20, (1 << 22) - 4]
    var pieces: [Range<UInt>] = []
    for round in 0..<40 {
      let size = sizes[round % sizes.count]
      let memory = try #require(arena.allocate(size))
      let address = UInt(bitPattern: memory)
      #expect(address % 64 == 0)
      memory.initializeMemory(as: UInt8.self, repeating: UInt8(round), count: size)
      pieces.append(address..<address + UInt(size))
    }
    for (index, piece) in pieces.enumerated() {
      #expect(!pieces[..<index].contains { $0.overlaps(piece) })
      let memory = try #require(UnsafeRawPointer(bitPattern: piece.lowerBound))
      #expect(memory.load(as: UInt8.self) == UInt8(index))
      #expect(memory.load(fromByteOffset: piece.count - 1, as: UInt8.self) == UInt8(index))
    }
  }

  @Test(
    "that is given back is used again, in pieces and joined",
    arguments: [[0, 1, 2], [2, 1, 0], [0, 2, 1], [1, 0, 2]])
  func reuse(order: [Int]) throws {
    let arena = PageArena()
    let sizes = [10_000, 20_000, 30_000]
    let pieces = try sizes.map { try #require(arena.allocate($0)) }
    let after = try #require(arena.allocate(100))
    for index in order { arena.free(pieces[index], sizes[index]) }
    // All three together, and the lines between them.
    let joined = try #require(arena.allocate(60_000))
    #expect(joined == pieces[0])
    arena.free(joined, 60_000)
    #expect(try #require(arena.allocate(10_000)) == pieces[0])
    arena.free(after, 100)
  }

  @Test("comes from several regions, and goes back to the system")
  func regions() throws {
    let arena = PageArena()
    let size = 1 << 22
    let pieces = try (0..<40).map { _ in try #require(arena.allocate(size)) }
    #expect(arena.regionCount == 3)
    for piece in pieces { arena.free(piece, size) }
    #expect(arena.regionCount == 1)
  }
}
