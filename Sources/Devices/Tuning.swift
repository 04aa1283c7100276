import Compute
import OpenCLDevice

/// What `tune` needs of a device: its kernels, what may be tried, and the device as a record would make it.
package struct Tuning {
  /// A kernel file whose parameters are searched.
  package typealias Kernel = TunableKernel

  /// The device without tuning.
  package var description: DeviceDescription { info.description }
  /// The family of kernels, by name.
  package var familyName: String { family.rawValue }
  package let store: TuningStore
  private let info: OpenCLDeviceInfo
  private let family: KernelFamily

  /// - Throws: `ComputeError.unavailable` where there is no such device, or none that has parameters.
  package init(_ selection: DeviceSelection, store: TuningStore = .standard()) throws {
    guard case .opencl(let selector) = selection else {
      throw ComputeError.unavailable("only OpenCL devices are tuned; use --device opencl")
    }
    let parts = OpenCLSelector(selector)
    info = try OpenCLPlatforms.find(parts.device)
    family = parts.family ?? .choose(info.kind)
    self.store = store
  }

  package var kernels: [Kernel] { TunableKernel.all(family) }

  /// The parameters a kernel has without a record.
  package func standard(_ kernel: Kernel) -> [String: Int] { kernel.standard(on: info) }

  /// Every set of parameters that satisfies the kernel's constraints on this device.
  package func candidates(_ kernel: Kernel) -> [[String: Int]] { kernel.candidates(on: info) }

  /// What is stored for the device, or a record without entries.
  package var record: TuningRecord {
    store.load(for: info.description)
      ?? TuningRecord(device: info.description.name, driver: info.description.driver)
  }

  /// The device with `parameters` for one kernel, and standard ones for all others. Its programs are not kept.
  package func makeDevice(_ kernel: Kernel, _ parameters: [String: Int]) throws -> any Device {
    var record = TuningRecord(device: info.description.name, driver: info.description.driver)
    record.kernels[kernel.name] = TuningRecord.Entry(
      parameters: parameters, source: kernel.source, gigaflops: 0, standardGigaflops: 0, date: "")
    return try OpenCLDevice(info, family: family, tuning: record, keepsPrograms: false)
  }
}
