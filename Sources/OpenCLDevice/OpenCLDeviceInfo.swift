import COpenCL
import Compute

/// What a device reports about itself.
package struct OpenCLDeviceInfo: @unchecked Sendable {
  // Unchecked, because the handles of platforms and devices live as long as the process.
  let platform: cl_platform_id
  let device: cl_device_id

  /// `opencl:PLATFORM:DEVICE`
  package var selector: String
  package var platformName: String
  package var platformVersion: String
  package var name: String
  package var vendor: String
  /// The version of OpenCL that the device supports.
  package var version: String
  package var driverVersion: String
  package var kind: DeviceDescription.Kind
  package var computeUnits: Int
  /// The size of the device's memory in bytes.
  package var memory: Int
  /// The largest size of one buffer in bytes.
  package var largestAllocation: Int
  package var largestWorkGroup: Int
  /// The largest number of work-items of a group in each of three dimensions.
  package var largestItems: [Int]
  /// The size of a work-group's local memory in bytes.
  package var localMemory: Int
  /// The bytes at whose multiples a part of a buffer may begin; nil where the device says nothing sensible.
  var alignment: Int?

  package var description: DeviceDescription {
    DeviceDescription(
      selector: selector, name: name, kind: kind, computeUnits: computeUnits, memory: memory,
      largestAllocation: largestAllocation,
      driver: "\(platformName); \(platformVersion); \(version); driver \(driverVersion)")
  }

  init(_ library: OpenCLLibrary, platform: cl_platform_id, device: cl_device_id, selector: String) throws {
    func platformText(_ key: Int32) throws -> String {
      try OpenCLInfo.string(call: "clGetPlatformInfo") {
        library.clGetPlatformInfo(platform, cl_platform_info(key), $0, $1, $2)
      }
    }
    func text(_ key: Int32) throws -> String {
      try OpenCLInfo.string(call: "clGetDeviceInfo") {
        library.clGetDeviceInfo(device, cl_device_info(key), $0, $1, $2)
      }
    }
    func number(_ key: Int32) throws -> Int {
      try OpenCLInfo.integer(call: "clGetDeviceInfo") {
        library.clGetDeviceInfo(device, cl_device_info(key), $0, $1, $2)
      }
    }
    self.platform = platform
    self.device = device
    self.selector = selector
    platformName = try platformText(CL_PLATFORM_NAME)
    platformVersion = try platformText(CL_PLATFORM_VERSION)
    name = try text(CL_DEVICE_NAME)
    vendor = try text(CL_DEVICE_VENDOR)
    version = try text(CL_DEVICE_VERSION)
    driverVersion = try text(CL_DRIVER_VERSION)
    let type = try number(CL_DEVICE_TYPE)
    if type & Int(CL_DEVICE_TYPE_GPU) != 0 {
      kind = .gpu
    } else if type & Int(CL_DEVICE_TYPE_CPU) != 0 {
      kind = .cpu
    } else {
      kind = .accelerator
    }
    computeUnits = try number(CL_DEVICE_MAX_COMPUTE_UNITS)
    memory = try number(CL_DEVICE_GLOBAL_MEM_SIZE)
    largestAllocation = try number(CL_DEVICE_MAX_MEM_ALLOC_SIZE)
    largestWorkGroup = max(1, try number(CL_DEVICE_MAX_WORK_GROUP_SIZE))
    let items = try OpenCLInfo.sizes(call: "clGetDeviceInfo") {
      library.clGetDeviceInfo(device, cl_device_info(CL_DEVICE_MAX_WORK_ITEM_SIZES), $0, $1, $2)
    }
    // OpenCL promises three dimensions, and a device that knows fewer can't be asked for items in the others.
    largestItems = (0..<3).map { $0 < items.count ? max(1, items[$0]) : 1 }
    localMemory = try number(CL_DEVICE_LOCAL_MEM_SIZE)
    let bits = try number(CL_DEVICE_MEM_BASE_ADDR_ALIGN)
    alignment = (8...(8 << 20)).contains(bits) && bits.nonzeroBitCount == 1 ? bits / 8 : nil
  }
}
