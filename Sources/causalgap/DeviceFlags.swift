import ArgumentParser
import Compute
import Devices
import OperationSuite
import Study

/// How many threads, for verbs that choose their devices themselves.
struct ThreadFlags: OptionFlags {
  @Option(.threads) var threads

  /// Nil where none was given.
  func count() throws -> Int? { try StudyOptions(given).whole(.threads) }
}

/// Where to compute.
struct DeviceFlags: OptionFlags {
  @Option(.device) var device
  @Option(.threads) var threads

  /// The device, with a line on what `auto` picked.
  func make() throws -> any Device { try Self.make(StudyOptions(given)) }

  static func make(_ options: StudyOptions) throws -> any Device {
    let selection = try DeviceSelection(options.word(.device) ?? "")
    let threads = options.whole(.threads)
    guard selection == .auto else { return try make(selection, threads: threads) }
    let (picked, reason) = DeviceCatalogue().automatic
    let device = try make(picked, threads: threads)
    say("device: \(device.description.selector) (\(reason))")
    return device
  }

  /// A device whose driver is known to compute right: checked quickly where it was not seen before.
  static func make(_ selection: DeviceSelection, threads: Int?) throws -> any Device {
    let device = try DeviceCatalogue.make(selection, threads: threads)
    let reference = try DeviceCatalogue.make(.reference)
    if device.description.kind != .reference, try DeviceTrust().confirm(device, against: reference) {
      say("device: \(device.description.selector) not seen before, passed a quick validation")
    }
    return device
  }
}
