/// Working memory that grows when more is needed, and is reused. Each worker has its own, and one more is
/// shared by all workers.
final class Scratch {
  private var memory: UnsafeMutablePointer<Float>?
  private var capacity = 0

  /// At least `count` floats, aligned to a cache line, with arbitrary content.
  func reserve(_ count: Int) -> UnsafeMutablePointer<Float> {
    if let memory, capacity >= count { return memory }
    release()
    let raw = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * 4, alignment: 64)
    let pointer = raw.bindMemory(to: Float.self, capacity: max(count, 1))
    memory = pointer
    capacity = count
    return pointer
  }

  private func release() {
    guard let memory else { return }
    UnsafeMutableRawPointer(memory).deallocate()
  }

  deinit { release() }
}
