import COpenCL
import Compute

/// Making, reading, writing and copying buffers.
extension OpenCLDevice {
  package func makeBuffer(count: Int, _ elementType: ElementType) throws -> any Buffer {
    let buffer = try OpenCLBuffer(context, count: count, elementType)
    if count > 0 {
      var zero: Int32 = 0
      let bytes = count * elementType.byteCount
      let status = context.library.clEnqueueFillBuffer(
        context.queue, buffer.memory, &zero, MemoryLayout.size(ofValue: zero), 0, bytes, 0, nil, nil)
      if OpenCLStatus(status).isOutOfMemory {
        throw ComputeError.outOfMemory(
          bytes: bytes, device: context.info.selector, detail: "clEnqueueFillBuffer: \(OpenCLStatus(status))")
      }
      try check(status, call: "clEnqueueFillBuffer", detail: "\(bytes) bytes")
    }
    return buffer
  }

  package func makeBuffer(_ values: [Float]) throws -> any Buffer { try upload(values, .float32) }

  package func makeBuffer(_ values: [Int32]) throws -> any Buffer { try upload(values, .int32) }

  package func makeConstant(_ values: [Float]) throws -> any Buffer { try constant(values, .float32) }

  package func makeConstant(_ values: [Int32]) throws -> any Buffer { try constant(values, .int32) }

  /// A buffer of values that kernels only read.
  func constant<Element: BitwiseCopyable>(_ values: [Element], _ elementType: ElementType) throws
    -> OpenCLBuffer
  {
    try constant(count: values.count, elementType) { _ = $0.initialize(fromContentsOf: values) }
  }

  /// A buffer of `count` values that kernels only read.
  ///
  /// - Parameter write: initialises all of them.
  func constant<Element: BitwiseCopyable>(
    count: Int, _ elementType: ElementType, _ write: (UnsafeMutableBufferPointer<Element>) -> Void
  ) throws -> OpenCLBuffer {
    let bytes = count * MemoryLayout<Element>.stride
    guard let lists, bytes < min(ListPool.limit, context.info.largestAllocation) else {
      let values = [Element](unsafeUninitializedCapacity: count) { memory, written in
        write(UnsafeMutableBufferPointer(rebasing: memory[..<count]))
        written = count
      }
      return try upload(values, elementType)
    }
    let lease = try lists.take(bytes) { write($0.bindMemory(to: Element.self)) }
    return OpenCLBuffer(lease, count: bytes / elementType.byteCount, elementType)
  }

  package func write(_ values: [Float], to buffer: any Buffer, at offset: Int) throws {
    try write(values, .float32, to: buffer, at: offset)
  }

  package func write(_ values: [Int32], to buffer: any Buffer, at offset: Int) throws {
    try write(values, .int32, to: buffer, at: offset)
  }

  package func read(_ buffer: any Buffer, _ range: Range<Int>) throws -> [Float] {
    let own = try resolve(buffer, in: "read")
    try checkElements(range, of: own, .float32, in: "read")
    guard !range.isEmpty else { return [] }
    try lists?.bringUpToDate()
    try backlog.drain()
    var status: cl_int = 0
    let width = own.elementType.byteCount
    let values = [Float](unsafeUninitializedCapacity: range.count) { memory, count in
      status = context.library.clEnqueueReadBuffer(
        context.queue, own.memory, cl_bool(CL_TRUE), range.lowerBound * width, range.count * width,
        memory.baseAddress, 0, nil, nil)
      count = status == CL_SUCCESS ? range.count : 0
    }
    try check(status, call: "clEnqueueReadBuffer", detail: "elements \(range) of \(own.count)")
    return values
  }

  package func copy(from source: any Buffer, _ range: Range<Int>, to target: any Buffer, at offset: Int)
    throws
  {
    let (from, into) = (try resolve(source, in: "copy"), try resolve(target, in: "copy"))
    try checkElements(range, of: from, from.elementType, in: "copy")
    try checkElements(offset, range.count, of: into, from.elementType, in: "copy")
    if from === into, range.overlaps(offset..<(offset + range.count)) {
      // OpenCL cannot copy between overlapping ranges.
      let between = try OpenCLBuffer(context, count: range.count, from.elementType)
      try copy(from, range.lowerBound, between, 0, range.count)
      try copy(between, 0, into, offset, range.count)
    } else {
      try copy(from, range.lowerBound, into, offset, range.count)
    }
  }

  package func synchronize() throws {
    try settle()
    try lists?.bringUpToDate()
    try backlog.drain()
    try check(context.library.clFinish(context.queue), call: "clFinish", detail: context.info.name)
  }

  package func flush() throws {
    try settle()
    try lists?.bringUpToDate()
    try backlog.flush()
  }

  /// A buffer with the elements of `values`, which need not outlive this call.
  func upload<Element: BitwiseCopyable>(_ values: [Element], _ elementType: ElementType) throws
    -> OpenCLBuffer
  {
    try values.withUnsafeBytes { bytes in
      try OpenCLBuffer(
        context, count: bytes.count / elementType.byteCount, elementType, values: bytes.baseAddress)
    }
  }

  /// Small writes are copied and queued; for large ones the call waits. In both cases the values need not
  /// outlive the call.
  private func write<Element: BitwiseCopyable>(
    _ values: [Element], _ elementType: ElementType, to buffer: any Buffer, at offset: Int
  ) throws {
    let own = try resolve(buffer, in: "write")
    try checkElements(offset, values.count, of: own, elementType, in: "write")
    guard !values.isEmpty else { return }
    if values.count <= 1 << 16 {
      try copy(constant(values, elementType), 0, own, offset, values.count)
      return
    }
    let status = values.withUnsafeBytes { bytes in
      context.library.clEnqueueWriteBuffer(
        context.queue, own.memory, cl_bool(CL_TRUE), offset * elementType.byteCount, bytes.count,
        bytes.baseAddress, 0, nil, nil)
    }
    try check(status, call: "clEnqueueWriteBuffer", detail: "\(values.count) elements at \(offset)")
  }

  private func copy(_ from: OpenCLBuffer, _ start: Int, _ into: OpenCLBuffer, _ offset: Int, _ count: Int)
    throws
  {
    guard count > 0 else { return }
    try lists?.bringUpToDate()
    let width = from.elementType.byteCount
    let status = context.library.clEnqueueCopyBuffer(
      context.queue, from.memory, into.memory, start * width, offset * width, count * width, 0, nil, nil)
    try check(status, call: "clEnqueueCopyBuffer", detail: "\(count) elements to \(offset)")
  }
}
