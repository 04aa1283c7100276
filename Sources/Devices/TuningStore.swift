import Compute
import Foundation

/// Tuning records on disk, one a device and driver. A record that is damaged, of another device, driver or schema is
/// no record, and a folder that can't be read is an empty one: kernels then run with their standard parameters.
package struct TuningStore: Sendable {
  /// nil: nothing is kept.
  package var folder: URL?

  package init(folder: URL?) { self.folder = folder }

  /// `tuning` in the devices' cache.
  package static func standard(
    _ environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> TuningStore {
    TuningStore(
      folder: DeviceCache.folder(environment)?.appendingPathComponent("tuning", isDirectory: true))
  }

  /// - Parameter description: of the device without tuning.
  package func load(for description: DeviceDescription) -> TuningRecord? {
    guard let file = file(for: description), let data = try? Data(contentsOf: file),
      let record = try? JSONDecoder().decode(TuningRecord.self, from: data), record.isOf(description)
    else { return nil }
    return record
  }

  /// - Throws: what the file system throws.
  /// - Returns: where the record is now; nil where nothing is kept.
  @discardableResult
  package func save(_ record: TuningRecord, for description: DeviceDescription) throws -> URL? {
    guard let folder, let file = file(for: description) else { return nil }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try encoder.encode(record).write(to: file, options: .atomic)
    return file
  }

  /// Named for the device, for readers, and for device and driver together, for the key.
  func file(for description: DeviceDescription) -> URL? {
    let readable = description.name.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
    // FNV-1a, 64 bits: the same on every machine.
    let hash = "\(description.name)\u{0}\(description.driver)".utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01b3
    }
    return folder?.appendingPathComponent("\(String(readable.prefix(40)))-\(String(hash, radix: 16)).json")
  }
}
