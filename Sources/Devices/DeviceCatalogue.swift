import CPUDevice
import Compute
import OpenCLDevice
import ReferenceDevice

/// The devices of this machine.
package struct DeviceCatalogue {
  /// In the order in which they are listed: CPU variants, reference, OpenCL.
  package let descriptions: [DeviceDescription]
  /// Why there is no OpenCL device, where there is none.
  package let openCLAbsence: String?
  private let openCLDevices: [OpenCLDeviceInfo]

  /// Looks at what is there; opens the OpenCL loader, makes no context.
  package init() {
    var found: [OpenCLDeviceInfo] = []
    var absence: String?
    do {
      found = try OpenCLPlatforms.discover()
    } catch {
      absence = "\(error)"
    }
    let cpu = CPUVariant.supported.reversed().compactMap { try? CPUDevice(variant: $0, threads: nil) }
    descriptions = cpu.map(\.description) + [ReferenceDevice().description] + found.map(\.description)
    openCLDevices = found
    openCLAbsence = absence
  }

  /// What `auto` stands for, and why.
  package var automatic: (selection: DeviceSelection, reason: String) {
    if let gpu = openCLDevices.first(where: { $0.kind == .gpu }) {
      return (.opencl(gpu.selector), "a GPU: \(gpu.name)")
    }
    return (.cpu(nil), openCLAbsence ?? "no GPU; the CPU device is faster than OpenCL on the same cores")
  }

  /// Makes a device.
  ///
  /// - Throws: `ComputeError.unavailable` when it is not there.
  package static func make(_ selection: DeviceSelection) throws -> any Device {
    switch selection {
    case .auto: try make(DeviceCatalogue().automatic.selection)
    case .cpu(let variant): try CPUDevice(variant: variant)
    case .reference: ReferenceDevice()
    case .opencl(let selector): try makeOpenCL(selector)
    }
  }

  /// With the kernels' parameters as tuned, where they are.
  private static func makeOpenCL(_ selector: String) throws -> any Device {
    let parts = OpenCLSelector(selector)
    let info = try OpenCLPlatforms.find(parts.device)
    return try OpenCLDevice(
      info, family: parts.family, tuning: TuningStore.standard().load(for: info.description))
  }

  /// Every device there is, made one after the other, for `validate`; OpenCL devices with both families of kernels.
  package var selections: [DeviceSelection] {
    CPUVariant.supported.reversed().map { .cpu($0) }
      + openCLDevices.flatMap { info in
        KernelFamily.allCases.map { family in
          .opencl(family == .choose(info.kind) ? info.selector : "\(info.selector):\(family.rawValue)")
        }
      }
  }
}
