import COpenCL
import Compute
import Kernels

/// A kernel of a built program and how large its work-groups may be.
///
/// Setting an argument is a call of the driver, and a step sets thousands, nearly all to what they were in the
/// step before. So each place of a step, told apart by where its operands begin, has a kernel object of its own,
/// and only what has changed since its last launch is set.
final class OpenCLKernel {
  let declaration: KernelDeclaration
  let largestWorkGroup: Int
  private let program: cl_program
  private var instances: [Int: Instance]
  private let signature: KernelSignature
  private let context: OpenCLContext
  /// The first kernel object, until a launch needs it.
  private var spare: cl_kernel?

  var name: String { declaration.name }

  init(_ context: OpenCLContext, _ program: cl_program, _ declaration: KernelDeclaration) throws {
    let library = context.library
    let kernel = try Self.create(context, program, declaration.name)
    self.program = program
    spare = kernel
    instances = [:]
    self.declaration = declaration
    signature = declaration.signature
    self.context = context
    // A kernel that needs many registers may run in smaller groups than the device's largest. Without an answer
    // nothing may be assumed: smaller groups add in another order.
    let limit = try OpenCLInfo.integer(call: "clGetKernelWorkGroupInfo") {
      library.clGetKernelWorkGroupInfo(
        kernel, context.info.device, cl_kernel_work_group_info(CL_KERNEL_WORK_GROUP_SIZE), $0, $1, $2)
    }
    largestWorkGroup = max(1, min(limit, context.info.largestWorkGroup))
  }

  deinit {
    if let spare { _ = context.library.clReleaseKernel(spare) }
    releaseInstances()
  }

  private func releaseInstances() {
    for instance in instances.values { _ = context.library.clReleaseKernel(instance.kernel) }
    instances = [:]
  }

  /// A kernel object and the arguments that it has.
  private final class Instance {
    let kernel: cl_kernel
    /// `KernelArgument.bits`, nil where nothing is known.
    var arguments: [UInt64?]

    init(_ kernel: cl_kernel, arguments: Int) {
      self.kernel = kernel
      self.arguments = Array(repeating: nil, count: arguments)
    }
  }

  /// More places than a step has; a program that goes on to other shapes begins again.
  private static let mostInstances = 256

  private func instance(for arguments: KernelArguments) throws -> Instance {
    if let instance = instances[arguments.place] { return instance }
    if instances.count >= Self.mostInstances { releaseInstances() }
    let kernel = try spare ?? Self.create(context, program, name)
    spare = nil
    let instance = Instance(kernel, arguments: arguments.values.count)
    instances[arguments.place] = instance
    return instance
  }

  private static func create(_ context: OpenCLContext, _ program: cl_program, _ name: String) throws
    -> cl_kernel
  {
    var status: cl_int = 0
    let created = context.library.clCreateKernel(program, name, &status)
    return try check(created, status, call: "clCreateKernel", detail: name)
  }

  private func set(_ arguments: KernelArguments, of instance: Instance) throws {
    try arguments.values.withUnsafeBufferPointer { values in
      for index in values.indices where instance.arguments[index] != values[index].bits {
        // Until the driver has said that it took it, nothing is known of it.
        instance.arguments[index] = nil
        let parameter = declaration.parameters[index]
        let status = withUnsafeBytes(of: values[index].value) { bytes in
          context.library.clSetKernelArg(
            instance.kernel, cl_uint(index), parameter.kind.byteCount, bytes.baseAddress)
        }
        try check(status, call: "clSetKernelArg", detail: "\(name), argument \(index), \(parameter.name)")
        instance.arguments[index] = values[index].bits
      }
    }
  }

  private func mismatch(_ kinds: [ArgumentKind]) -> ComputeError {
    let parameters = declaration.parameters
    let reason =
      if let index = zip(kinds, parameters).map({ $0 == $1.kind }).firstIndex(of: false) {
        "argument \(index) is \(kinds[index]), but \(parameters[index].name) is \(parameters[index].kind)"
      } else {
        "\(kinds.count) arguments, but the kernel declares \(parameters.count)"
      }
    return .invalid(name, reason)
  }

  /// - Returns: the launch's event, if it is wanted; the caller releases it.
  /// - Throws: `ComputeError.invalid` if the kinds of the arguments differ from those that the source
  ///   declares.
  func enqueue(
    _ arguments: KernelArguments, offset: [Int]?, global: [Int], local: [Int], wantsEvent: Bool
  ) throws -> cl_event? {
    guard arguments.signature == signature else { throw mismatch(arguments.signature.kinds) }
    let instance = try instance(for: arguments)
    try set(arguments, of: instance)
    var event: cl_event?
    let status = withUnsafeMutablePointer(to: &event) { event in
      context.library.clEnqueueNDRangeKernel(
        context.queue, instance.kernel, cl_uint(global.count), offset, global, local, 0, nil,
        wantsEvent ? event : nil)
    }
    try check(
      status, call: "clEnqueueNDRangeKernel", detail: "\(name), \(global) work-items in groups of \(local)")
    return event
  }
}
