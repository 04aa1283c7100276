/// Memory for the arguments of a launch.
struct ArgumentMemory {
  /// More arguments than a kernel has.
  static let most = 48

  let values: UnsafeMutablePointer<KernelArgument>
  let buffers: UnsafeMutablePointer<OpenCLBuffer>
}

/// Memory for the arguments of launches, used again and again, because a launch takes only as long as some allocations.
final class ArgumentPool {
  private var free: [ArgumentMemory] = []

  deinit {
    for memory in free {
      memory.values.deallocate()
      memory.buffers.deallocate()
    }
  }

  /// Memory without initialised elements, to be given back without them.
  func take() -> ArgumentMemory {
    free.popLast()
      ?? ArgumentMemory(
        values: .allocate(capacity: ArgumentMemory.most), buffers: .allocate(capacity: ArgumentMemory.most))
  }

  func giveBack(_ memory: ArgumentMemory) { free.append(memory) }
}
