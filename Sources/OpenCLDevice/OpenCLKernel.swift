import COpenCL
import Compute
import Kernels

/// A kernel of a built program and how large its work-groups may be.
final class OpenCLKernel {
  let declaration: KernelDeclaration
  let kernel: cl_kernel
  let largestWorkGroup: Int
  private let signature: KernelSignature
  private let context: OpenCLContext

  var name: String { declaration.name }

  init(_ context: OpenCLContext, _ program: cl_program, _ declaration: KernelDeclaration) throws {
    let library = context.library
    let name = declaration.name
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
    self.declaration = declaration
    signature = declaration.signature
    self.context = context
  }

  deinit { _ = context.library.clReleaseKernel(kernel) }

  /// - Throws: `ComputeError.invalid` if the kinds of the arguments differ from those that the source
  ///   declares.
  func set(_ arguments: KernelArguments) throws {
    guard arguments.signature == signature else { throw mismatch(arguments.values) }
    for (index, argument) in arguments.values.enumerated() {
      let status = argument.withBytes { bytes in
        context.library.clSetKernelArg(kernel, cl_uint(index), bytes.count, bytes.baseAddress)
      }
      try check(status, call: "clSetKernelArg", detail: "\(name), argument \(index): \(argument)")
    }
  }

  private func mismatch(_ arguments: [KernelArgument]) -> ComputeError {
    let parameters = declaration.parameters
    let reason =
      if let index = zip(arguments, parameters).map({ $0.kind == $1.kind }).firstIndex(of: false) {
        "argument \(index) is \(arguments[index].kind), but \(parameters[index].name) is \(parameters[index].kind)"
      } else {
        "\(arguments.count) arguments, but the kernel declares \(parameters.count)"
      }
    return .invalid(name, reason)
  }

  func enqueue(offset: [Int], global: [Int], local: [Int]) throws {
    let status = context.library.clEnqueueNDRangeKernel(
      context.queue, kernel, cl_uint(global.count), offset, global, local, 0, nil, nil)
    try check(
      status, call: "clEnqueueNDRangeKernel", detail: "\(name), \(global) work-items in groups of \(local)")
  }
}
