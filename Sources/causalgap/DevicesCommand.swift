import ArgumentParser
import AtomicFile
import Compute
import Devices
import Foundation
import Report

struct DevicesCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "devices", abstract: "The devices of this machine, and the one that auto picks.",
    discussion: examples(
      "causalgap devices"))

  @Flag(help: "Print as JSON.") var json = false
  @OptionGroup(title: "Messages") var messages: MessageFlags

  private struct Listing: Encodable {
    var devices: [DeviceDescription]
    var auto: String
    var reason: String
  }

  /// A driver's version, which some give with all of their libraries; `--json` has it whole.
  private static func short(_ driver: String) -> String {
    driver.count > 40 ? driver.prefix(39) + "…" : driver
  }

  mutating func run() throws {
    let catalogue = DeviceCatalogue()
    explain("kept about devices: \(DeviceCache.folder()?.path ?? "nothing, as there is no cache folder")")
    let (selection, reason) = catalogue.automatic
    let picked =
      switch selection {
      case .opencl(let selector): selector
      default: "cpu"
      }
    if json {
      return try printJSON(Listing(devices: catalogue.descriptions, auto: picked, reason: reason))
    }
    var table = TableText(columns: [
      .init("device", .left), .init("kind", .left), .init("units"), .init("memory GiB"),
      .init("name", .left), .init("driver", .left),
    ])
    for device in catalogue.descriptions {
      let memory = device.memory.map { String(format: "%.1f", Double($0) / 1_073_741_824) }
      table.rows.append([
        device.selector, device.kind.rawValue, String(device.computeUnits), memory ?? "", device.name,
        Self.short(device.driver),
      ])
    }
    print(table.render())
    if let absence = catalogue.openCLAbsence { print("OpenCL: \(absence)") }
    print("auto picks \(picked): \(reason)")
  }
}
