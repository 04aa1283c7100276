import AtomicFile
import Compute
import Foundation

/// Devices and drivers whose quick validation passed on this machine, kept in one small file.
///
/// A driver that has not been seen is validated before anything long is computed on it.
package struct DeviceTrust {
  /// nil: nothing is kept, and every device is validated.
  private let file: URL?

  /// - Parameter file: where the list is kept.
  package init(file: URL? = DeviceCache.folder()?.appendingPathComponent("validated.json")) {
    self.file = file
  }

  /// Validates a device that is not on the list, and puts it there.
  ///
  /// - Returns: whether it had to be validated.
  /// - Throws: ``DistrustedDevice`` when an operation is wrong.
  @discardableResult
  package func confirm(_ device: any Device, against reference: any Device) throws -> Bool {
    let key = "\(device.description.name); \(device.description.driver)"
    var known = read()
    if known.contains(key) { return false }
    let verdicts = try validate(device, against: reference, depth: .quick)
    if let failed = verdicts.first(where: { !$0.passed }) {
      throw DistrustedDevice(device: device.description.selector, operation: failed.operation)
    }
    known.append(key)
    write(known)
    return true
  }

  /// A cache that can't be written costs a validation the next time, no more.
  private func write(_ known: [String]) {
    guard let file, let data = try? JSONEncoder().encode(known) else { return }
    try? FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try? writeAtomically(data, to: file)
  }

  /// Empty where there is no list or a damaged one.
  private func read() -> [String] {
    guard let file, let data = FileManager.default.contents(atPath: file.path) else { return [] }
    return (try? JSONDecoder().decode([String].self, from: data)) ?? []
  }
}

/// A device that computes something wrong.
package struct DistrustedDevice: Error, CustomStringConvertible {
  package var device: String
  package var operation: String

  package var description: String {
    "device \(device) computes \(operation) wrong; see `causalgap validate --device \(device)`, and use another device"
  }
}
