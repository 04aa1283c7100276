import ArgumentParser
import CLinux
import CPUDevice
import Compute
import Devices
import Errors
import OperationSuite
import Records
import Study

/// The number of threads, for commands that choose their devices themselves.
struct ThreadFlags: OptionFlags {
  @Option(.threads) var threads

  /// The given number of threads; nil if none was given.
  func count() throws -> Int? { try StudyOptions(given).whole(.threads) }
}

/// The choice of the device.
struct DeviceFlags: OptionFlags {
  @Option(.device) var device
  @Option(.threads) var threads

  /// Makes the device, and reports which one `auto` picked.
  func make() throws -> any Device { try Self.make(StudyOptions(given)) }

  /// Makes the device that is named, whatever it computes.
  func makeUnchecked() throws -> any Device {
    let options = try StudyOptions(given)
    return try DeviceCatalogue.make(
      DeviceSelection(options.word(.device) ?? ""), threads: options.whole(.threads))
  }

  static func make(_ options: StudyOptions) throws -> any Device {
    let selection = try DeviceSelection(options.word(.device) ?? "")
    let threads = options.whole(.threads)
    guard selection == .auto else { return try make(selection, threads: threads) }
    let (picked, reason) = DeviceCatalogue().automatic
    let device = try make(picked, threads: threads)
    say("device: \(device.description.selector) (\(reason))")
    return device
  }

  /// Makes a device whose driver is trusted. A device that is not known yet is validated quickly first, a driver of
  /// OpenCL in a process of its own.
  static func make(_ selection: DeviceSelection, threads: Int?) throws -> any Device {
    try requireThreads(threads)
    let device = try DeviceCatalogue.make(selection, threads: threads)
    explain("device: \(device.description.explanation)")
    guard device.description.kind != .reference, !DeviceTrust().knows(device) else { return device }
    let trusted: any Device
    if case .opencl(let selector) = selection {
      trusted = try DeviceCatalogue.make(.opencl(DriverTrial(selector: selector).run()))
    } else {
      try DeviceTrust().confirm(device, against: DeviceCatalogue.make(.reference))
      trusted = device
    }
    say("device: \(trusted.description.selector) not seen before, passed a quick validation")
    return trusted
  }
}

extension DeviceDescription {
  /// `cpu: AMD EPYC, 2 units, 7.6 GiB, variant v3`
  fileprivate var explanation: String {
    let memory = memory.map { String(format: ", %.1f GiB", Double($0) / 1_073_741_824) } ?? ""
    return "\(selector): \(name), \(counted(computeUnits, "unit"))\(memory), \(driver)"
  }
}

/// What draws batches, and a device's workers, would otherwise wait for threads that never come.
///
/// - Throws: `ComputeError.unavailable` where no threads can be made.
private func requireThreads(_ threads: Int?) throws {
  let count = (threads ?? ProcessorCount.available()) + 2
  let code = canMakeThreads(Int32(clamping: count))
  guard code != 0 else { return }
  throw ComputeError.unavailable(
    "\(count) threads can't be made (\(systemReason(errno: code))): raise the limits on processes (ulimit -u) and memory "
      + "(ulimit -v), or ask for fewer --threads")
}
