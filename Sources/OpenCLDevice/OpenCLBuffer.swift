import COpenCL
import Compute

/// A piece of device memory. Drivers keep the memory of a released buffer until the queue has finished with
/// it.
final class OpenCLBuffer: Buffer {
  let context: OpenCLContext
  let memory: cl_mem
  /// Differs from that of any other memory, before and after: drivers give addresses again.
  let identity: MemoryIdentity
  let count: Int
  let elementType: ElementType
  /// The region whose memory this is; nil where the memory is the buffer's own.
  private let lease: ListPool.Lease?

  /// Memory for `count` elements, copied from `values` or else uninitialised. A buffer without elements holds
  /// one, because OpenCL has no empty buffers.
  init(_ context: OpenCLContext, count: Int, _ elementType: ElementType, values: UnsafeRawPointer? = nil)
    throws
  {
    let info = context.info
    let needed = try bufferBytes(
      count, elementType, limit: info.largestAllocation, device: info.selector,
      "the largest allocation is \(info.largestAllocation) bytes")
    let bytes = max(needed, elementType.byteCount)
    // Without elements there is nothing to copy, and the pointer may be invalid.
    let source = count > 0 ? UnsafeMutableRawPointer(mutating: values) : nil
    var flags = cl_mem_flags(CL_MEM_READ_WRITE)
    if source != nil { flags |= cl_mem_flags(CL_MEM_COPY_HOST_PTR) }
    var status: cl_int = 0
    let memory = context.library.clCreateBuffer(context.context, flags, bytes, source, &status)
    if OpenCLStatus(status).isOutOfMemory {
      throw ComputeError.outOfMemory(
        bytes: bytes, device: info.selector, detail: "clCreateBuffer: \(OpenCLStatus(status))")
    }
    self.memory = try check(memory, status, call: "clCreateBuffer", detail: "\(bytes) bytes")
    self.context = context
    self.count = count
    self.elementType = elementType
    identity = context.nextIdentity()
    lease = nil
  }

  /// Memory for `count` elements in a region of a pool.
  init(_ lease: ListPool.Lease, count: Int, _ elementType: ElementType) {
    context = lease.pool.context
    (memory, identity) = (lease.region.memory, lease.region.identity)
    self.count = count
    self.elementType = elementType
    self.lease = lease
  }

  deinit {
    if let lease { lease.pool.giveBack(lease.region) } else { _ = context.library.clReleaseMemObject(memory) }
  }
}
