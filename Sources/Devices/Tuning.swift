import Compute
import OpenCLDevice

/// What `tune` needs to know of a device: its kernels, the candidates for their parameters, and the device
/// with given parameters.
package struct Tuning {
  /// A kernel file whose parameters are searched.
  package typealias Kernel = TunableKernel
  package typealias Record = TuningRecord

  /// The device without tuning.
  package var description: DeviceDescription { info.description }
  /// The name of the kernel family.
  package var familyName: String { family.rawValue }
  package let store: TuningStore
  private let info: OpenCLDeviceInfo
  private let family: KernelFamily

  /// - Throws: `ComputeError.unavailable` if the device does not exist or has no parameters.
  package init(_ selection: DeviceSelection, store: TuningStore = .standard()) throws {
    guard case .opencl(let selector) = selection else {
      throw ComputeError.unavailable("only OpenCL devices are tuned; use --device opencl")
    }
    let parts = OpenCLSelector(selector)
    info = try OpenCLPlatforms.find(parts.device)
    family = parts.family ?? DeviceCatalogue.family(of: info)
    self.store = store
  }

  package var kernels: [Kernel] { TunableKernel.all(family) }

  /// The parameters that a kernel has without a tuning record.
  package func defaults(_ kernel: Kernel) -> [String: Int] { kernel.defaults(on: info) }

  /// Every set of parameters that satisfies the kernel's constraints on this device.
  package func candidates(_ kernel: Kernel) -> [[String: Int]] { kernel.candidates(on: info) }

  /// The record stored for the device, or one without entries.
  package var record: TuningRecord {
    store.load(for: info.description)
      ?? TuningRecord(device: info.description.name, driver: info.description.driver)
  }

  /// The device with `parameters` for one kernel and default parameters for all others. Its programs are not
  /// cached.
  package func makeDevice(_ kernel: Kernel, _ parameters: [String: Int]) throws -> any Device {
    var record = TuningRecord(device: info.description.name, driver: info.description.driver)
    record.kernels[kernel.name] = TuningRecord.Entry(
      parameters: parameters, source: kernel.source, gigaflops: 0, defaultGigaflops: 0, date: "")
    return try OpenCLDevice(info, family: family, tuning: record, keepsPrograms: false)
  }
}
