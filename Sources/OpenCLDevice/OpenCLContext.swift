import COpenCL
import Compute

/// Names a piece of device memory among all that a context ever had.
typealias MemoryIdentity = UInt64

/// A context with one device and one in-order queue. Buffers and programs retain it, so it outlives them.
final class OpenCLContext {
  let library: OpenCLLibrary
  let info: OpenCLDeviceInfo
  let context: cl_context
  let queue: cl_command_queue
  private var lastIdentity: MemoryIdentity = 0

  init(_ library: OpenCLLibrary, _ info: OpenCLDeviceInfo) throws {
    var status: cl_int = 0
    let properties: [cl_context_properties] = [
      cl_context_properties(CL_CONTEXT_PLATFORM), cl_context_properties(Int(bitPattern: info.platform)), 0,
    ]
    var device: cl_device_id? = info.device
    let context = try check(
      library.clCreateContext(properties, 1, &device, nil, nil, &status), status, call: "clCreateContext",
      detail: info.selector)
    let queue = library.clCreateCommandQueue(context, info.device, 0, &status)
    guard let queue, status == CL_SUCCESS else {
      _ = library.clReleaseContext(context)
      throw ComputeError.driver(
        call: "clCreateCommandQueue", status: "\(OpenCLStatus(status))", detail: info.selector)
    }
    self.library = library
    self.info = info
    self.context = context
    self.queue = queue
  }

  func nextIdentity() -> MemoryIdentity {
    lastIdentity += 1
    return lastIdentity
  }

  deinit {
    _ = library.clFinish(queue)
    _ = library.clReleaseCommandQueue(queue)
    _ = library.clReleaseContext(context)
  }
}
