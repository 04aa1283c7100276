import COpenCL
import Compute

/// Device memory for lists that the host makes and kernels only read: of tokens, rows and tiles, new ones for every batch.
///
/// A list lives in a region of a slab, a sub-buffer that is made once and used again and again. What is put into regions is
/// noted in the slab's mirror on the host, and brought to the device in one piece before the next command that may
/// read it. The queue is in order, so a region may be filled again while kernels that read its former list still wait.
final class ListPool {
  /// A piece of a slab.
  struct Region {
    fileprivate let slab: Int
    fileprivate let start: Int
    fileprivate let capacity: Int
    let memory: cl_mem
    let identity: MemoryIdentity
  }

  /// A region in use.
  struct Lease {
    let pool: ListPool
    let region: Region
  }

  private struct Slab {
    let memory: cl_mem
    let mirror: UnsafeMutableRawPointer
    let size: Int
    /// The bytes that belong to regions.
    var used = 0
    /// The bytes of the mirror that the device does not have yet.
    var stale: Range<Int>?
  }

  let context: OpenCLContext
  private let alignment: Int
  private var slabs: [Slab] = []
  /// Regions that are free, by capacity, the last given back at the end. There are few capacities.
  private var free: [(capacity: Int, regions: [Region])] = []
  private var hasStale = false
  private let staging = StagingPool()

  /// Lists of this size and above have memory of their own.
  static let limit = 4 << 20
  private static let slabSize = 4 << 20

  /// - Returns: nil for a device whose buffers can't be divided.
  init?(_ context: OpenCLContext) {
    guard let alignment = context.info.alignment else { return nil }
    self.context = context
    self.alignment = max(64, alignment)
  }

  deinit {
    for region in free.flatMap(\.regions) { _ = context.library.clReleaseMemObject(region.memory) }
    for slab in slabs {
      _ = context.library.clReleaseMemObject(slab.memory)
      slab.mirror.deallocate()
    }
  }

  /// A region for `count` bytes, which the device has as soon as it needs them.
  ///
  /// - Parameters:
  ///   - count: less than `limit`.
  ///   - write: writes the bytes.
  func take(_ count: Int, _ write: (UnsafeMutableRawBufferPointer) -> Void) throws -> Lease {
    let region = try region(capacity: capacity(count))
    let range = region.start..<region.start + count
    if count > 0 {
      write(UnsafeMutableRawBufferPointer(start: slabs[region.slab].mirror + region.start, count: count))
      let stale = slabs[region.slab].stale ?? range
      slabs[region.slab].stale =
        min(stale.lowerBound, range.lowerBound)..<max(stale.upperBound, range.upperBound)
      hasStale = true
    }
    return Lease(pool: self, region: region)
  }

  func giveBack(_ region: Region) {
    for index in free.indices where free[index].capacity == region.capacity {
      return free[index].regions.append(region)
    }
    free.append((region.capacity, [region]))
  }

  /// Queues the copies of what was put into regions since the last call.
  func bringUpToDate() throws {
    guard hasStale else { return }
    for index in slabs.indices {
      guard let stale = slabs[index].stale else { continue }
      try write(slabs[index], stale)
      slabs[index].stale = nil
    }
    hasStale = false
  }

  /// Copies a part of a mirror, which may change before the device has it, and queues the copy.
  private func write(_ slab: Slab, _ range: Range<Int>) throws {
    let copy = staging.take(range.count)
    copy.start.copyMemory(from: slab.mirror.advanced(by: range.lowerBound), byteCount: range.count)
    var event: cl_event?
    let status = context.library.clEnqueueWriteBuffer(
      context.queue, slab.memory, cl_bool(CL_FALSE), range.lowerBound, range.count, copy.start, 0, nil, &event
    )
    guard status == CL_SUCCESS, let event else {
      _ = try check(event, status, call: "clEnqueueWriteBuffer", detail: "\(range.count) bytes of lists")
      return
    }
    defer { _ = context.library.clReleaseEvent(event) }
    let kept = Unmanaged.passRetained(copy)
    let isKept = context.library.clSetEventCallback(
      event, CL_COMPLETE,
      { _, _, copy in if let copy { Unmanaged<StagingPool.Piece>.fromOpaque(copy).release() } },
      kept.toOpaque())
    guard isKept == CL_SUCCESS else {
      let finished = context.library.clFinish(context.queue)
      kept.release()
      return try check(
        finished, call: "clFinish", detail: "after clSetEventCallback: \(OpenCLStatus(isKept))")
    }
  }

  private func region(capacity: Int) throws -> Region {
    for index in free.indices where free[index].capacity == capacity {
      if let region = free[index].regions.popLast() { return region }
    }
    let slab = try slab(with: capacity)
    let start = slabs[slab].used
    var part = cl_buffer_region(origin: start, size: capacity)
    var status: cl_int = 0
    let made = context.library.clCreateSubBuffer(
      slabs[slab].memory, cl_mem_flags(CL_MEM_READ_WRITE),
      cl_buffer_create_type(CL_BUFFER_CREATE_TYPE_REGION), &part, &status)
    let memory = try check(made, status, call: "clCreateSubBuffer", detail: "\(capacity) bytes")
    slabs[slab].used += capacity
    return Region(
      slab: slab, start: start, capacity: capacity, memory: memory, identity: context.nextIdentity())
  }

  /// The number of a slab that has room.
  private func slab(with capacity: Int) throws -> Int {
    if let last = slabs.indices.last, slabs[last].size - slabs[last].used >= capacity { return last }
    let size = max(Self.slabSize, capacity)
    var status: cl_int = 0
    let made = context.library.clCreateBuffer(
      context.context, cl_mem_flags(CL_MEM_READ_WRITE), size, nil, &status)
    if OpenCLStatus(status).isOutOfMemory {
      throw ComputeError.outOfMemory(
        bytes: size, device: context.info.selector, detail: "clCreateBuffer: \(OpenCLStatus(status))")
    }
    let memory = try check(made, status, call: "clCreateBuffer", detail: "\(size) bytes")
    let mirror = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
    // What lies between lists is copied with them.
    mirror.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    slabs.append(Slab(memory: memory, mirror: mirror, size: size))
    return slabs.count - 1
  }

  /// The size of the region for a list: one of four in each octave, so that lists of nearly one length share regions.
  private func capacity(_ bytes: Int) -> Int {
    var octave = alignment
    while octave * 2 < bytes { octave *= 2 }
    let step = max(alignment, octave / 4)
    return max(alignment, blocks(bytes, of: step) * step)
  }
}
