import ArgumentParser
import Benchmark
import CLinux
import Compute
import Devices
import Foundation
import OperationSuite

/// The first use of a device's driver, in a process that ``DriverTrial`` starts.
struct TryDeviceCommand: ParsableCommand {
  static let name = "try-device"
  static let configuration = CommandConfiguration(
    commandName: name, abstract: "Tries a driver that is not known yet; other commands start it.",
    shouldDisplay: false)

  @Argument var selector: String

  mutating func run() throws {
    _ = signalWhenParentEnds(SIGTERM)
    do {
      TrialMessage(passed: try choose()).send()
    } catch {
      TrialMessage(failure: "\(error)").send()
    }
  }

  /// - Returns: the selector of the device with the family of kernels to use.
  private func choose() throws -> String {
    let own = try trusted(selector)
    guard own.description.kind == .gpu, let other = try DeviceCatalogue.otherFamily(of: selector) else {
      return selector
    }
    TrialMessage(operation: "timing").send()
    do {
      let rate = try FamilyTrial(on: own)
      guard rate.isSlow else { return selector }
      let second = try trusted(other.selector)
      let otherRate = try FamilyTrial(on: second)
      guard otherRate.replaces(rate) else { return selector }
      FamilyStore().save(other.family, for: own.description)
      let times = (otherRate.speed(against: rate) * 10).rounded() / 10
      TrialMessage(
        note:
          "\(own.description.selector) is \(times) times as fast with the kernel family '\(other.family.rawValue)', "
          + "which is used from now on"
      ).send()
      return other.selector
    } catch {
      // A device may be too small for this measurement, or the other family may not work on it.
      TrialMessage(
        note:
          "\(own.description.selector) keeps its kernels, because the family '\(other.family.rawValue)' could not be compared with them: \(error)"
      ).send()
      return selector
    }
  }

  private func trusted(_ selector: String) throws -> any Device {
    let device = try DeviceCatalogue.make(DeviceSelection(selector))
    try DeviceTrust().confirm(device, against: DeviceCatalogue.make(.reference)) { operation in
      TrialMessage(operation: operation).send()
    }
    return device
  }
}
