import COpenCL

/// A status code, shown with its OpenCL name.
struct OpenCLStatus: Equatable, CustomStringConvertible {
  var code: cl_int

  init(_ code: cl_int) { self.code = code }

  static let success = OpenCLStatus(0)
  static let deviceNotFound = OpenCLStatus(-1)
  static let outOfResources = OpenCLStatus(-5)
  static let memoryObjectAllocationFailure = OpenCLStatus(-4)
  static let outOfHostMemory = OpenCLStatus(-6)
  static let invalidBufferSize = OpenCLStatus(-61)
  static let platformNotFound = OpenCLStatus(-1001)

  /// Whether the device or the host lacks the requested memory. `CL_OUT_OF_RESOURCES` is not included:
  /// drivers also use it to report, later, that an earlier kernel failed.
  var isOutOfMemory: Bool {
    self == .memoryObjectAllocationFailure || self == .outOfHostMemory || self == .invalidBufferSize
  }

  /// Whether fewer models at once may not have this status.
  var isShortage: Bool { isOutOfMemory || self == .outOfResources }

  /// What a status may mean beyond its name.
  var hint: String? {
    self == .outOfResources
      ? "the device has no memory or registers left, or a kernel queued before has failed" : nil
  }

  var description: String { name ?? "status \(code)" }

  private var name: String? {
    if code == -1001 { return "CL_PLATFORM_NOT_FOUND_KHR" }
    let index = -Int(code)
    if Self.execution.indices.contains(index) { return Self.execution[index] }
    if Self.invalid.indices.contains(index - 30) { return Self.invalid[index - 30] }
    return nil
  }

  /// 0, -1, … -19
  private static let execution = [
    "CL_SUCCESS", "CL_DEVICE_NOT_FOUND", "CL_DEVICE_NOT_AVAILABLE", "CL_COMPILER_NOT_AVAILABLE",
    "CL_MEM_OBJECT_ALLOCATION_FAILURE", "CL_OUT_OF_RESOURCES", "CL_OUT_OF_HOST_MEMORY",
    "CL_PROFILING_INFO_NOT_AVAILABLE", "CL_MEM_COPY_OVERLAP", "CL_IMAGE_FORMAT_MISMATCH",
    "CL_IMAGE_FORMAT_NOT_SUPPORTED", "CL_BUILD_PROGRAM_FAILURE", "CL_MAP_FAILURE",
    "CL_MISALIGNED_SUB_BUFFER_OFFSET", "CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST",
    "CL_COMPILE_PROGRAM_FAILURE", "CL_LINKER_NOT_AVAILABLE", "CL_LINK_PROGRAM_FAILURE",
    "CL_DEVICE_PARTITION_FAILED", "CL_KERNEL_ARG_INFO_NOT_AVAILABLE",
  ]

  /// -30, -31, … -72
  private static let invalid = [
    "CL_INVALID_VALUE", "CL_INVALID_DEVICE_TYPE", "CL_INVALID_PLATFORM", "CL_INVALID_DEVICE",
    "CL_INVALID_CONTEXT", "CL_INVALID_QUEUE_PROPERTIES", "CL_INVALID_COMMAND_QUEUE",
    "CL_INVALID_HOST_PTR", "CL_INVALID_MEM_OBJECT", "CL_INVALID_IMAGE_FORMAT_DESCRIPTOR",
    "CL_INVALID_IMAGE_SIZE", "CL_INVALID_SAMPLER", "CL_INVALID_BINARY", "CL_INVALID_BUILD_OPTIONS",
    "CL_INVALID_PROGRAM", "CL_INVALID_PROGRAM_EXECUTABLE", "CL_INVALID_KERNEL_NAME",
    "CL_INVALID_KERNEL_DEFINITION", "CL_INVALID_KERNEL", "CL_INVALID_ARG_INDEX",
    "CL_INVALID_ARG_VALUE", "CL_INVALID_ARG_SIZE", "CL_INVALID_KERNEL_ARGS",
    "CL_INVALID_WORK_DIMENSION", "CL_INVALID_WORK_GROUP_SIZE", "CL_INVALID_WORK_ITEM_SIZE",
    "CL_INVALID_GLOBAL_OFFSET", "CL_INVALID_EVENT_WAIT_LIST", "CL_INVALID_EVENT",
    "CL_INVALID_OPERATION", "CL_INVALID_GL_OBJECT", "CL_INVALID_BUFFER_SIZE", "CL_INVALID_MIP_LEVEL",
    "CL_INVALID_GLOBAL_WORK_SIZE", "CL_INVALID_PROPERTY", "CL_INVALID_IMAGE_DESCRIPTOR",
    "CL_INVALID_COMPILER_OPTIONS", "CL_INVALID_LINKER_OPTIONS", "CL_INVALID_DEVICE_PARTITION_COUNT",
    "CL_INVALID_PIPE_SIZE", "CL_INVALID_DEVICE_QUEUE", "CL_INVALID_SPEC_ID",
    "CL_MAX_SIZE_RESTRICTION_EXCEEDED",
  ]
}
