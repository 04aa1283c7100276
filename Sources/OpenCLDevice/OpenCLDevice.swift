import COpenCL
import Compute
import Kernels

/// An OpenCL device behind the one interface: hand-written kernels, one in-order queue.
///
/// Not for use from two threads at once.
public final class OpenCLDevice: Device {
  public var description: DeviceDescription { context.info.description }
  /// Kernels queued so far. An ensemble costs as many as one model.
  public private(set) var launchCount = 0

  let context: OpenCLContext
  let family: KernelFamily
  /// Stands in for operands that a kernel takes but an operation does not have.
  let absent: OpenCLBuffer
  let cache: ProgramCache
  private var programs: [ProgramName: OpenCLProgram] = [:]
  private var scratchBuffer: OpenCLBuffer?

  private struct ProgramName: Hashable {
    var file: KernelSources
    var options: String
  }

  public convenience init(_ info: OpenCLDeviceInfo) throws {
    try self.init(OpenCLLibrary.shared(), info)
  }

  /// - Parameter selector: `opencl`, `opencl:P` or `opencl:P:D`.
  /// - Throws: `ComputeError.unavailable` when there is no such device.
  public convenience init(selector: String) throws {
    try self.init(OpenCLPlatforms.find(selector))
  }

  init(
    _ library: OpenCLLibrary, _ info: OpenCLDeviceInfo, family: KernelFamily? = nil,
    cache: ProgramCache = .standard()
  ) throws {
    context = try OpenCLContext(library, info)
    absent = try OpenCLBuffer(context, count: 1, .float32)
    self.family = family ?? .choose(info.kind)
    self.cache = cache
  }

  /// A kernel, its program built on first use with `-D` for each of `definitions`.
  func kernel(_ file: KernelSources, _ name: String, _ definitions: KeyValuePairs<String, Int> = [:]) throws
    -> OpenCLKernel
  {
    var options = "-cl-std=CL1.2"
    for (key, value) in definitions { options += " -D \(key)=\(value)" }
    let key = ProgramName(file: file, options: options)
    if let program = programs[key] { return try program.kernel(name) }
    let program = try OpenCLProgram(context, file, options: options, cache: cache)
    programs[key] = program
    return try program.kernel(name)
  }

  /// Queues a kernel over at least `global` work-items; a grid without items is not launched.
  func launch(_ kernel: OpenCLKernel, _ arguments: KernelArguments, global: [Int]) throws {
    guard global.allSatisfy({ $0 > 0 }) else { return }
    let local = family.local(global, largest: kernel.largestWorkGroup)
    let rounded = zip(global, local).map { extent, group in (extent + group - 1) / group * group }
    try kernel.set(arguments.values)
    // The arguments hold the buffers; the driver holds them from the launch on.
    try withExtendedLifetime(arguments) { try kernel.enqueue(global: rounded, local: local) }
    launchCount += 1
  }

  /// The buffer as this device's own.
  func resolve(_ buffer: any Buffer, in operation: String) throws -> OpenCLBuffer {
    guard let own = buffer as? OpenCLBuffer, own.context === context else {
      throw ComputeError.foreignBuffer(operation: operation, device: context.info.selector)
    }
    return own
  }

  /// Memory that an operation may use until it is queued; the next one queues behind it.
  func scratch(count: Int) throws -> OpenCLBuffer {
    if let scratchBuffer, scratchBuffer.count >= count { return scratchBuffer }
    scratchBuffer = nil
    let buffer = try OpenCLBuffer(context, count: count, .float32)
    scratchBuffer = buffer
    return buffer
  }
}

/// `extent / size`, rounded up.
func blocks(_ extent: Int, of size: Int) -> Int { (extent + size - 1) / size }
