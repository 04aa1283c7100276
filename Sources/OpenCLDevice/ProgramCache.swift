import AtomicFile
import Digests
import Foundation

/// Compiled programs on disk. An entry that is damaged, unreadable or of another program is ignored, and a
/// folder that cannot be written is not used; the program is then built from source.
struct ProgramCache: Sendable {
  /// The folder of the cache; with nil nothing is kept.
  var folder: URL?

  /// Everything that a compiled program depends on.
  struct Key: Sendable {
    var source: String
    var options: String
    var device: String
    var driverVersion: String
    var platformVersion: String

    var digest: String {
      var hash = FNV1a()
      for part in [source, options, device, driverVersion, platformVersion] { hash.combine(part) }
      return hash.digest
    }
  }

  /// The folder `programs` in the devices' cache.
  static func standard(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> ProgramCache
  {
    ProgramCache(
      folder: DeviceCache.folder(environment)?.appendingPathComponent("programs", isDirectory: true))
  }

  func load(_ key: Key) -> [UInt8]? {
    guard let file = file(key), let data = try? Data(contentsOf: file) else { return nil }
    return Self.unwrap([UInt8](data), digest: key.digest)
  }

  func store(_ binary: [UInt8], _ key: Key) {
    guard let folder, let file = file(key) else { return }
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try? writeAtomically(Data(Self.wrap(binary, digest: key.digest)), to: file)
  }

  func remove(_ key: Key) {
    guard let file = file(key) else { return }
    try? FileManager.default.removeItem(at: file)
  }

  func file(_ key: Key) -> URL? { folder?.appendingPathComponent("\(key.digest).bin") }

  /// An entry starts with a line that holds the format, its key and the hash of its binary; the binary
  /// follows.
  private static func header(_ binary: some Sequence<UInt8>, _ digest: String) -> [UInt8] {
    var hash = FNV1a()
    hash.combine(binary)
    return Array("causalgap-program 1 \(digest) \(hash.digest)\n".utf8)
  }

  private static func wrap(_ binary: [UInt8], digest: String) -> [UInt8] { header(binary, digest) + binary }

  private static func unwrap(_ entry: [UInt8], digest: String) -> [UInt8]? {
    guard let end = entry.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    let binary = Array(entry[(end + 1)...])
    guard !binary.isEmpty, entry[...end].elementsEqual(header(binary, digest)) else { return nil }
    return binary
  }
}
