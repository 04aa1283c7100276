import COpenCL
import Compute
import Kernels

/// A kernel file compiled with given options, from the cache or from source.
final class OpenCLProgram {
  let context: OpenCLContext
  let file: KernelSources
  private let program: cl_program
  private var kernels: [OpenCLKernel] = []
  private lazy var declarations = file.declarations

  /// - Throws: `ComputeError.driver` with the build log.
  init(_ context: OpenCLContext, _ file: KernelSources, options: String, cache: ProgramCache) throws {
    self.context = context
    self.file = file
    let info = context.info
    let key = ProgramCache.Key(
      source: file.source, options: options, device: info.name, driverVersion: info.driverVersion,
      platformVersion: "\(info.platformName) \(info.platformVersion)")
    if let binary = cache.load(key) {
      if let program = Self.load(context, binary, options) {
        self.program = program
        return
      }
      cache.remove(key)
    }
    program = try Self.build(context, file, options)
    if let binary = Self.binary(context, program) { cache.store(binary, key) }
  }

  deinit { _ = context.library.clReleaseProgram(program) }

  func kernel(_ name: String) throws -> OpenCLKernel {
    for kernel in kernels where kernel.name == name { return kernel }
    guard let declaration = declarations.first(where: { $0.name == name }) else {
      throw ComputeError.invalid(file.fileName, "no kernel is called \(name)")
    }
    let kernel = try OpenCLKernel(context, program, declaration)
    kernels.append(kernel)
    return kernel
  }

  /// The largest work-group that all kernels of the program allow.
  func largestWorkGroup() throws -> Int {
    let names = try OpenCLInfo.string(call: "clGetProgramInfo") {
      context.library.clGetProgramInfo(program, cl_program_info(CL_PROGRAM_KERNEL_NAMES), $0, $1, $2)
    }
    return try names.split(separator: ";").map { try kernel(String($0)).largestWorkGroup }.min() ?? 1
  }

  /// Loads a cached binary; nil if the driver rejects it.
  private static func load(_ context: OpenCLContext, _ binary: [UInt8], _ options: String) -> cl_program? {
    let library = context.library
    var device: cl_device_id? = context.info.device
    var (status, loaded): (cl_int, cl_int) = (0, 0)
    var size = binary.count
    let program = binary.withUnsafeBufferPointer { bytes in
      var pointer = bytes.baseAddress
      return library.clCreateProgramWithBinary(context.context, 1, &device, &size, &pointer, &loaded, &status)
    }
    guard let program else { return nil }
    guard status == CL_SUCCESS, loaded == CL_SUCCESS,
      library.clBuildProgram(program, 1, &device, options, nil, nil) == CL_SUCCESS
    else {
      _ = library.clReleaseProgram(program)
      return nil
    }
    return program
  }

  private static func build(_ context: OpenCLContext, _ file: KernelSources, _ options: String) throws
    -> cl_program
  {
    let library = context.library
    var device: cl_device_id? = context.info.device
    var status: cl_int = 0
    let created = file.source.withCString { text in
      var pointer: UnsafePointer<CChar>? = text
      return library.clCreateProgramWithSource(context.context, 1, &pointer, nil, &status)
    }
    let program = try check(created, status, call: "clCreateProgramWithSource", detail: file.fileName)
    let built = library.clBuildProgram(program, 1, &device, options, nil, nil)
    if built != CL_SUCCESS {
      let log = try? OpenCLInfo.string(call: "clGetProgramBuildInfo") {
        library.clGetProgramBuildInfo(
          program, context.info.device, cl_program_build_info(CL_PROGRAM_BUILD_LOG), $0, $1, $2)
      }
      _ = library.clReleaseProgram(program)
      try check(
        built, call: "clBuildProgram",
        detail: "\(file.fileName) \(options) on \(context.info.name): \(log ?? "no build log")")
    }
    return program
  }

  private static func binary(_ context: OpenCLContext, _ program: cl_program) -> [UInt8]? {
    let library = context.library
    var size = 0
    let width = MemoryLayout<Int>.size
    guard
      library.clGetProgramInfo(program, cl_program_info(CL_PROGRAM_BINARY_SIZES), width, &size, nil)
        == CL_SUCCESS, size > 0
    else { return nil }
    var binary = [UInt8](repeating: 0, count: size)
    let status = binary.withUnsafeMutableBufferPointer { bytes in
      var pointer = bytes.baseAddress
      return library.clGetProgramInfo(
        program, cl_program_info(CL_PROGRAM_BINARIES), MemoryLayout.size(ofValue: pointer), &pointer, nil)
    }
    return status == CL_SUCCESS ? binary : nil
  }
}
