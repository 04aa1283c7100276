import Synchronization

/// Memory of the host that a driver reads while a copy is queued, used again when the copy is done: to be given some
/// megabytes by the system takes longer than to fill them.
final class StagingPool: Sendable {
  fileprivate struct Memory: @unchecked Sendable {
    let start: UnsafeMutableRawPointer
    let size: Int
  }

  /// Memory in use.
  final class Piece: Sendable {
    private let memory: Memory
    private let pool: StagingPool

    var start: UnsafeMutableRawPointer { memory.start }

    fileprivate init(_ memory: Memory, of pool: StagingPool) { (self.memory, self.pool) = (memory, pool) }

    /// Given back by any thread, when nobody reads it any more.
    deinit { pool.giveBack(memory) }
  }

  /// The bytes that wait to be used again: several times the lists of a large batch.
  private static let most = 128 << 20

  private let free = Mutex<[Memory]>([])

  deinit { free.withLock { for memory in $0 { memory.start.deallocate() } } }

  /// At least `size` bytes, which are not initialised.
  func take(_ size: Int) -> Piece {
    let known = free.withLock { free in
      free.indices.filter { free[$0].size >= size }.min { free[$0].size < free[$1].size }
        .map { free.remove(at: $0) }
    }
    return Piece(known ?? Memory(start: .allocate(byteCount: size, alignment: 64), size: size), of: self)
  }

  private func giveBack(_ memory: Memory) {
    let old = free.withLock { free in
      free.append(memory)
      var old: [Memory] = []
      while free.reduce(0, { $0 + $1.size }) > Self.most { old.append(free.removeFirst()) }
      return old
    }
    for memory in old { memory.start.deallocate() }
  }
}
