import Compute
import OpenCLDevice

/// What `tune` needs of a device: its kernels, what may be tried, and the device as a record would make it.
public struct Tuning {
  /// A kernel file whose parameters are searched.
  public typealias Kernel = TunableKernel

  /// The device without tuning.
  public var description: DeviceDescription { info.description }
  /// The family of kernels, by name.
  public var familyName: String { family.rawValue }
  public let store: TuningStore
  private let info: OpenCLDeviceInfo
  private let family: KernelFamily

  /// - Throws: `ComputeError.unavailable` where there is no such device, or none that has parameters.
  public init(_ selection: DeviceSelection, store: TuningStore = .standard()) throws {
    guard case .opencl(let selector) = selection else {
      throw ComputeError.unavailable("only OpenCL devices are tuned; use --device opencl")
    }
    let parts = OpenCLSelector(selector)
    info = try OpenCLPlatforms.find(parts.device)
    family = parts.family ?? .choose(info.kind)
    self.store = store
  }

  public var kernels: [Kernel] { TunableKernel.all(family) }

  /// The parameters a kernel has without a record.
  public func standard(_ kernel: Kernel) -> [String: Int] { kernel.standard(on: info) }

  /// Every set of parameters that satisfies the kernel's constraints on this device.
  public func candidates(_ kernel: Kernel) -> [[String: Int]] { kernel.candidates(on: info) }

  /// What is stored for the device, or a record without entries.
  public var record: TuningRecord {
    store.load(for: info.description)
      ?? TuningRecord(device: info.description.name, driver: info.description.driver)
  }

  /// The device with `parameters` for one kernel, and standard ones for all others. Its programs are not kept.
  public func makeDevice(_ kernel: Kernel, _ parameters: [String: Int]) throws -> any Device {
    var record = TuningRecord(device: info.description.name, driver: info.description.driver)
    record.kernels[kernel.name] = TuningRecord.Entry(
      parameters: parameters, source: kernel.source, gigaflops: 0, standardGigaflops: 0, date: "")
    return try OpenCLDevice(info, family: family, tuning: record, keepsPrograms: false)
  }
}
