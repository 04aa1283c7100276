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
  /// How large its work-groups may be.
  let limits: KernelLimits
  private let program: cl_program
  /// The places of `instances`.
  private var places: [Int] = []
  private var instances: [Instance] = []
  private let signature: KernelSignature
  private let context: OpenCLContext
  /// The first kernel object, until a launch needs it.
  private var spare: cl_kernel?

  var name: String { declaration.name }
  var largestWorkGroup: Int { limits.workGroup }

  init(_ context: OpenCLContext, _ program: cl_program, _ declaration: KernelDeclaration) throws {
    let library = context.library
    let kernel = try Self.create(context, program, declaration.name)
    self.program = program
    spare = kernel
    self.declaration = declaration
    signature = declaration.signature
    self.context = context
    // A kernel that needs many registers may run in smaller groups than the device's largest. Without an answer
    // nothing may be assumed: smaller groups add in another order.
    let limit = try OpenCLInfo.integer(call: "clGetKernelWorkGroupInfo") {
      library.clGetKernelWorkGroupInfo(
        kernel, context.info.device, cl_kernel_work_group_info(CL_KERNEL_WORK_GROUP_SIZE), $0, $1, $2)
    }
    limits = KernelLimits(
      workGroup: max(1, min(limit, context.info.largestWorkGroup)), items: context.info.largestItems,
      localMemory: context.info.localMemory)
  }

  deinit {
    if let spare { _ = context.library.clReleaseKernel(spare) }
    releaseInstances()
  }

  private func releaseInstances() {
    for instance in instances { _ = context.library.clReleaseKernel(instance.kernel) }
    (places, instances) = ([], [])
  }

  /// A kernel object and the arguments that it has.
  private struct Instance {
    let kernel: cl_kernel
    /// `KernelArgument.bits`, nil where nothing is known.
    var arguments: [UInt64?]
  }

  /// More places than a step has; a program that goes on to other shapes begins again.
  private static let mostInstances = 256

  /// The index of the instance for the place of these arguments.
  private func instance(for arguments: borrowing KernelArguments) throws -> Int {
    for index in places.indices where places[index] == arguments.place { return index }
    if instances.count >= Self.mostInstances { releaseInstances() }
    let kernel = try spare ?? Self.create(context, program, name)
    spare = nil
    places.append(arguments.place)
    instances.append(Instance(kernel: kernel, arguments: Array(repeating: nil, count: arguments.count)))
    return instances.count - 1
  }

  private static func create(_ context: OpenCLContext, _ program: cl_program, _ name: String) throws
    -> cl_kernel
  {
    var status: cl_int = 0
    let created = context.library.clCreateKernel(program, name, &status)
    return try check(created, status, call: "clCreateKernel", detail: name)
  }

  private func set(_ arguments: borrowing KernelArguments, of instance: inout Instance) throws {
    for index in 0..<arguments.count where instance.arguments[index] != arguments[index].bits {
      // Until the driver has said that it took it, nothing is known of it.
      instance.arguments[index] = nil
      let parameter = declaration.parameters[index]
      let status = withUnsafeBytes(of: arguments[index].value) { bytes in
        context.library.clSetKernelArg(
          instance.kernel, cl_uint(index), parameter.kind.byteCount, bytes.baseAddress)
      }
      try check(status, call: "clSetKernelArg", detail: "\(name), argument \(index), \(parameter.name)")
      instance.arguments[index] = arguments[index].bits
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

  /// - Parameters:
  ///   - first: the first work-group in each dimension; nil for those that begin the grid.
  ///   - groups: the number of work-groups.
  ///   - local: the work-items of a group.
  /// - Returns: the launch's event, if it is wanted; the caller releases it.
  /// - Throws: `ComputeError.invalid` if the kinds of the arguments differ from those that the source
  ///   declares.
  func enqueue(
    _ arguments: borrowing KernelArguments, first: Grid?, _ groups: Grid, _ local: Grid, wantsEvent: Bool
  ) throws -> cl_event? {
    guard arguments.signature == signature else { throw mismatch(arguments.signature.kinds) }
    let index = try instance(for: arguments)
    try set(arguments, of: &instances[index])
    let (kernel, global) = (instances[index].kernel, groups * local)
    let offset = first.map { $0 * local }
    var event: cl_event?
    let status = global.withSizes { globalSizes in
      local.withSizes { localSizes in
        withUnsafeMutablePointer(to: &event) { event in
          func queue(_ offset: UnsafePointer<Int>?) -> cl_int {
            context.library.clEnqueueNDRangeKernel(
              context.queue, kernel, cl_uint(groups.dimensions), offset, globalSizes, localSizes, 0, nil,
              wantsEvent ? event : nil)
          }
          return offset?.withSizes(queue) ?? queue(nil)
        }
      }
    }
    try check(
      status, call: "clEnqueueNDRangeKernel", detail: "\(name), \(global) work-items in groups of \(local)")
    return event
  }
}
