import CPUDevice
import Compute
import OpenCLDevice
import ReferenceDevice

/// The devices of this machine.
///
/// ```swift
/// let device = try DeviceCatalogue.make(DeviceSelection("cpu"), threads: 4)
/// print(device.description.name, DeviceCatalogue().automatic.reason)
/// ```
package struct DeviceCatalogue {
  /// The devices in the order of listing: CPU variants, reference, OpenCL.
  package let descriptions: [DeviceDescription]
  /// Why there is no OpenCL device; nil if there is one.
  package let openCLAbsence: String?
  private let openCLDevices: [OpenCLDeviceInfo]

  /// Looks for devices. It opens the OpenCL loader but makes no device.
  ///
  /// - Parameter threads: the threads of the CPU device; nil takes one for each processor that this process may
  ///   use.
  package init(threads: Int? = nil) {
    var found: [OpenCLDeviceInfo] = []
    var absence: String?
    do {
      found = try OpenCLPlatforms.discover()
    } catch {
      absence = "\(error)"
    }
    let cpu = CPUVariant.supported.reversed().map { CPUDevice.describe(variant: $0, threads: threads) }
    descriptions = cpu + [ReferenceDevice().description] + found.map(\.description)
    openCLDevices = found
    openCLAbsence = absence
  }

  /// The device that `auto` picks, and the reason.
  package var automatic: (selection: DeviceSelection, reason: String) {
    if let gpu = openCLDevices.first(where: { $0.kind == .gpu }) {
      return (.opencl(gpu.selector), "a GPU: \(gpu.name)")
    }
    return (.cpu(nil), openCLAbsence ?? "no GPU; the CPU device is faster than OpenCL on the same cores")
  }

  /// Makes a device.
  ///
  /// - Parameter threads: the threads of the CPU device, at least 1; nil takes one for each processor that this
  ///   process may use. OpenCL drivers choose for themselves.
  /// - Throws: `ComputeError.unavailable` if the device does not exist.
  package static func make(_ selection: DeviceSelection, threads: Int? = nil) throws -> any Device {
    switch selection {
    case .auto: try make(DeviceCatalogue().automatic.selection, threads: threads)
    case .cpu(let variant): try CPUDevice(variant: variant, threads: threads)
    case .reference: ReferenceDevice()
    case .opencl(let selector): try makeOpenCL(selector)
    }
  }

  /// Makes an OpenCL device, with tuned kernel parameters if there are any.
  private static func makeOpenCL(_ selector: String) throws -> any Device {
    let parts = OpenCLSelector(selector)
    let info = try OpenCLPlatforms.find(parts.device)
    return try OpenCLDevice(
      info, family: parts.family ?? family(of: info),
      tuning: TuningStore.standard().load(for: info.description))
  }

  /// The kernel family of a device, unless another is forced.
  static func family(of info: OpenCLDeviceInfo) -> KernelFamily {
    FamilyStore().load(for: info.description) ?? .choose(info.kind)
  }

  /// The selector of an OpenCL device with the family that it does not take by itself; nil if a family is forced.
  ///
  /// - Throws: `ComputeError.unavailable` if the device does not exist.
  package static func otherFamily(of selector: String) throws -> (selector: String, family: KernelFamily)? {
    let parts = OpenCLSelector(selector)
    guard parts.family == nil else { return nil }
    let info = try OpenCLPlatforms.find(parts.device)
    let other: KernelFamily = family(of: info) == .local ? .register : .local
    return ("\(info.selector):\(other.rawValue)", other)
  }

  /// The kind of an OpenCL device.
  ///
  /// - Throws: `ComputeError.unavailable` if the device does not exist.
  package static func kind(of selector: String) throws -> DeviceDescription.Kind {
    try OpenCLPlatforms.find(OpenCLSelector(selector).device).kind
  }

  /// Every device that exists, for `validate`; OpenCL devices with both kernel families.
  package var selections: [DeviceSelection] {
    CPUVariant.supported.reversed().map { .cpu($0) }
      + openCLDevices.flatMap { info in
        KernelFamily.allCases.map { family in
          .opencl(
            family == Self.family(of: info) ? info.selector : "\(info.selector):\(family.rawValue)")
        }
      }
  }
}
