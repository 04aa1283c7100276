import COpenCL
import Compute
import Foundation

/// The platforms and devices of this machine.
package enum OpenCLPlatforms {
  /// Serialises the first calls of a process. Loaders and drivers set themselves up in these calls, and not
  /// all of them allow two threads to do so at once.
  private static let firstCalls = NSLock()

  /// Every device of every platform, in the loader's order.
  ///
  /// - Throws: `ComputeError.unavailable` if no loader, platform or device exists.
  package static func discover() throws -> [OpenCLDeviceInfo] {
    try firstCalls.withLock { try discover(OpenCLLibrary.shared()) }
  }

  /// The device that a selector names: `opencl:P:D`. `opencl:P` means the first device of a platform;
  /// `opencl` means the first GPU or, without a GPU, the first device.
  ///
  /// - Throws: `ComputeError.unavailable`, which lists the devices that exist.
  package static func find(_ selector: String) throws -> OpenCLDeviceInfo {
    try find(selector, among: discover())
  }

  static func find(_ selector: String, among devices: [OpenCLDeviceInfo]) throws -> OpenCLDeviceInfo {
    let found: OpenCLDeviceInfo? =
      switch selector.split(separator: ":", omittingEmptySubsequences: false).count {
      case 1 where selector == "opencl": devices.first { $0.kind == .gpu } ?? devices.first
      case 2: devices.first { $0.selector.hasPrefix(selector + ":") }
      default: devices.first { $0.selector == selector }
      }
    guard let found else {
      let list = devices.map { "\($0.selector) (\($0.name))" }.joined(separator: ", ")
      throw ComputeError.unavailable("no OpenCL device \(selector); there is \(list)")
    }
    return found
  }

  static func discover(_ library: OpenCLLibrary) throws -> [OpenCLDeviceInfo] {
    var count: cl_uint = 0
    let status = library.clGetPlatformIDs(0, nil, &count)
    if OpenCLStatus(status) == .platformNotFound || status == CL_SUCCESS && count == 0 {
      throw ComputeError.unavailable(
        "no OpenCL platform found; install a driver (pocl-opencl-icd runs on any CPU) or use --device cpu")
    }
    try check(status, call: "clGetPlatformIDs")
    var platforms = [cl_platform_id?](repeating: nil, count: Int(count))
    try check(library.clGetPlatformIDs(count, &platforms, nil), call: "clGetPlatformIDs")

    // A broken driver must not hide the others: its error is thrown only if no device is found.
    var devices: [OpenCLDeviceInfo] = []
    var failure: (any Error)?
    for (index, platform) in platforms.enumerated() {
      guard let platform else { continue }
      do {
        devices += try discover(library, platform, index)
      } catch {
        failure = failure ?? error
      }
    }
    if devices.isEmpty {
      throw failure
        ?? ComputeError.unavailable("\(count) OpenCL platforms, but none has a device; use --device cpu")
    }
    return devices
  }

  private static func discover(_ library: OpenCLLibrary, _ platform: cl_platform_id, _ index: Int) throws
    -> [OpenCLDeviceInfo]
  {
    let all = cl_device_type(CL_DEVICE_TYPE_ALL)
    var count: cl_uint = 0
    let status = library.clGetDeviceIDs(platform, all, 0, nil, &count)
    if OpenCLStatus(status) == .deviceNotFound { return [] }
    try check(status, call: "clGetDeviceIDs", detail: "platform \(index)")
    var devices = [cl_device_id?](repeating: nil, count: Int(count))
    try check(
      library.clGetDeviceIDs(platform, all, count, &devices, nil), call: "clGetDeviceIDs",
      detail: "platform \(index)")
    return try devices.enumerated().compactMap { number, device in
      try device.map {
        try OpenCLDeviceInfo(library, platform: platform, device: $0, selector: "opencl:\(index):\(number)")
      }
    }
  }
}

/// The parts of a selector: the device, and the forced kernel family, if any.
package struct OpenCLSelector {
  /// `opencl`, `opencl:P` or `opencl:P:D`
  package let device: String
  package let family: KernelFamily?

  package init(_ selector: String) {
    let parts = selector.split(separator: ":", omittingEmptySubsequences: false)
    family = parts.last.flatMap { KernelFamily(rawValue: String($0)) }
    device = parts.dropLast(family == nil ? 0 : 1).joined(separator: ":")
  }
}
