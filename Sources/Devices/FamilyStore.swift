import AtomicFile
import Compute
import Digests
import Foundation
import Kernels
import OpenCLDevice

/// The kernel families of devices on which the family for their type was found to be slow, kept in one small file. Other
/// devices, drivers and kernels have no entry.
package struct FamilyStore: Sendable {
  /// The file; with nil nothing is kept.
  package var file: URL?

  package init(file: URL? = DeviceCache.folder()?.appendingPathComponent("families.json")) {
    self.file = file
  }

  package func load(for description: DeviceDescription) -> KernelFamily? {
    let families = read()
    // Nearly always, and then the sources need not be read.
    guard !families.isEmpty else { return nil }
    return families[Self.key(description)].flatMap(KernelFamily.init(rawValue:))
  }

  /// Keeps a family. Where that fails, it is looked for again the next time.
  package func save(_ family: KernelFamily, for description: DeviceDescription) {
    guard let file else { return }
    var families = read()
    families[Self.key(description)] = family.rawValue
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(families) else { return }
    try? FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try? writeAtomically(data, to: file)
  }

  private func read() -> [String: String] {
    guard let file, let data = FileManager.default.contents(atPath: file.path) else { return [:] }
    return (try? JSONDecoder().decode([String: String].self, from: data)) ?? [:]
  }

  /// - Parameter description: the description of the device without tuning.
  private static func key(_ description: DeviceDescription) -> String {
    var hash = FNV1a()
    for file in KernelSources.allCases { hash.combine(file.source) }
    return "\(description.name); \(description.driver); kernels \(hash.digest)"
  }
}
