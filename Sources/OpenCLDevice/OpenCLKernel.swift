import COpenCL
import Compute

/// A kernel of a built program and how large its work-groups may be.
final class OpenCLKernel {
  let name: String
  let kernel: cl_kernel
  let largestWorkGroup: Int
  private let context: OpenCLContext

  init(_ context: OpenCLContext, _ program: cl_program, _ name: String) throws {
    let library = context.library
    var status: cl_int = 0
    let created = library.clCreateKernel(program, name, &status)
    let kernel = try check(created, status, call: "clCreateKernel", detail: name)
    // A kernel that needs many registers may run in smaller groups than the device's largest.
    let limit = try? OpenCLInfo.integer(call: "clGetKernelWorkGroupInfo") {
      library.clGetKernelWorkGroupInfo(
        kernel, context.info.device, cl_kernel_work_group_info(CL_KERNEL_WORK_GROUP_SIZE), $0, $1, $2)
    }
    largestWorkGroup = max(1, min(limit ?? 1, context.info.largestWorkGroup))
    self.kernel = kernel
    self.name = name
    self.context = context
  }

  deinit { _ = context.library.clReleaseKernel(kernel) }

  func set(_ arguments: [KernelArgument]) throws {
    for (index, argument) in arguments.enumerated() {
      let status = argument.withBytes { bytes in
        context.library.clSetKernelArg(kernel, cl_uint(index), bytes.count, bytes.baseAddress)
      }
      try check(status, call: "clSetKernelArg", detail: "\(name), argument \(index): \(argument)")
    }
  }

  func enqueue(global: [Int], local: [Int]) throws {
    let status = context.library.clEnqueueNDRangeKernel(
      context.queue, kernel, cl_uint(global.count), nil, global, local, 0, nil, nil)
    try check(
      status, call: "clEnqueueNDRangeKernel", detail: "\(name), \(global) work-items in groups of \(local)")
  }
}
