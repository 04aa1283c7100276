import Compute
import Devices

/// The devices of a sweep, by name.
struct SweepDevices {
  let devices: [(selector: String, kind: DeviceDescription.Kind)]

  /// - Parameter names: selectors, `auto`, or `all`: the CPU device and every OpenCL device that is not the CPU again.
  /// - Throws: `DeviceSelectionError` for a word that names no device, `SweepError.impossible` for one that does not exist
  ///   or is named twice.
  init(_ names: [String]) throws {
    let catalogue = DeviceCatalogue()
    func known(_ selector: String) throws -> (String, DeviceDescription.Kind) {
      switch try DeviceSelection(selector) {
      case .auto:
        guard case .opencl(let gpu) = catalogue.automatic.selection else { return ("cpu", .cpu) }
        return try known(gpu)
      case .cpu: return (selector, .cpu)
      case .reference: return (selector, .reference)
      case .opencl: return (selector, try DeviceCatalogue.kind(of: selector))
      }
    }
    guard names != ["all"] else {
      let others = catalogue.descriptions.filter { $0.kind == .gpu || $0.kind == .accelerator }
      devices = [("cpu", .cpu)] + others.map { ($0.selector, $0.kind) }
      return
    }
    devices = try names.map(known)
    for (place, device) in devices.enumerated()
    where devices[..<place].contains(where: { $0.selector == device.selector }) {
      throw SweepError.impossible("--devices names \(device.selector) twice")
    }
  }
}
