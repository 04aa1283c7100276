import AtomicFile
import Compute
import Digests
import Foundation
import OpenCLDevice

/// Tuning records on disk, one for each device and driver. A record that is damaged, or that belongs to
/// another device, driver or schema, is ignored, and so is a folder that cannot be read: kernels then use
/// their standard parameters.
package struct TuningStore: Sendable {
  /// The folder of the records; with nil none are kept.
  package var folder: URL?

  package init(folder: URL?) { self.folder = folder }

  /// The folder `tuning` in the devices' cache.
  package static func standard(
    _ environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> TuningStore {
    TuningStore(
      folder: DeviceCache.folder(environment)?.appendingPathComponent("tuning", isDirectory: true))
  }

  /// - Parameter description: the description of the device without tuning.
  package func load(for description: DeviceDescription) -> TuningRecord? {
    guard let file = file(for: description), let data = try? Data(contentsOf: file),
      let record = try? JSONDecoder().decode(TuningRecord.self, from: data), record.isOf(description)
    else { return nil }
    return record
  }

  /// - Throws: what the file system throws.
  /// - Returns: the file of the record; nil if none is kept.
  @discardableResult
  package func save(_ record: TuningRecord, for description: DeviceDescription) throws -> URL? {
    guard let folder, let file = file(for: description) else { return nil }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try writeAtomically(encoder.encode(record), to: file)
    return file
  }

  /// The name contains the device's name, for readers, and a hash of device and driver, as the key.
  func file(for description: DeviceDescription) -> URL? {
    let readable = description.name.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
    let hash = fnv1a64("\(description.name)\u{0}\(description.driver)".utf8)
    return folder?.appendingPathComponent("\(String(readable.prefix(40)))-\(String(hash, radix: 16)).json")
  }
}
