import AtomicFile
import Compute
import Digests
import Foundation

/// The list of devices that passed the quick validation on this machine, kept in one small file.
///
/// A device is validated before any long computation, unless it is on the list with the same driver, the same
/// kernels and the same cases.
package struct DeviceTrust {
  /// The file of the list. If it is nil, nothing is stored, and every device is validated each time.
  private let file: URL?

  /// - Parameter file: the file of the list; nil to keep none.
  package init(file: URL? = DeviceCache.folder()?.appendingPathComponent("validated.json")) {
    self.file = file
  }

  /// Whether the device is on the list.
  package func knows(_ device: any Device) -> Bool { read().contains(Self.key(device)) }

  /// Validates a device that is not on the list, and adds it.
  ///
  /// - Parameter progress: called with the name of each operation before it is validated.
  /// - Returns: whether a validation was necessary.
  /// - Throws: ``DistrustedDevice`` if an operation is wrong.
  @discardableResult
  package func confirm(
    _ device: any Device, against reference: any Device, progress: (String) -> Void = { _ in }
  ) throws -> Bool {
    let key = Self.key(device)
    var known = read()
    if known.contains(key) { return false }
    for operation in OperationSuite.checked.map(\.name) {
      progress(operation)
      let verdicts = try validate(device, against: reference, operations: [operation], depth: .quick)
      if let failed = verdicts.first(where: { !$0.passed }) {
        throw DistrustedDevice(
          device: device.description.selector, operation: operation, reason: failed.message)
      }
    }
    known.append(key)
    write(known)
    return true
  }

  /// Everything that a verdict depends on: the device, its driver, the family and sources of its kernels, and
  /// the cases.
  static func key(_ device: any Device) -> String {
    let kernels = (device as? any KernelCompiling).map { "; kernels \($0.kernelDigest)" } ?? ""
    let cases = OperationSuite.checked.flatMap(\.quick).map { "\($0.operation) \($0.shape)" }
    let digest = String(fnv1a64(cases.joined(separator: "\n").utf8), radix: 16)
    return "\(device.description.name); \(device.description.driver)\(kernels); suite \(digest)"
  }

  /// Writes the list. If that fails, the only consequence is another validation next time.
  private func write(_ known: [String]) {
    guard let file, let data = try? JSONEncoder().encode(known) else { return }
    try? FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try? writeAtomically(data, to: file)
  }

  /// Reads the list; empty if it does not exist or is damaged.
  private func read() -> [String] {
    guard let file, let data = FileManager.default.contents(atPath: file.path) else { return [] }
    return (try? JSONDecoder().decode([String].self, from: data)) ?? []
  }
}

/// A device whose result was wrong, or that had none.
package struct DistrustedDevice: Error, CustomStringConvertible {
  package var device: String
  package var operation: String
  /// The error in the place of a result.
  package var reason: String?

  package var description: String {
    "device \(device) "
      + (reason.map { "can't compute \(operation) (\($0))" } ?? "computes \(operation) wrong")
      + "; see `causalgap validate --device \(device)`, and use another device"
  }
}
