import Foundation
import Records
import Study
import Transformer

/// What the runs of a sweep need on the disk.
struct DiskSpace {
  /// The bytes that this process may still write to the disk of a folder; nil where the system does not say.
  static func free(at folder: URL) -> Int? {
    var place = folder
    // A folder that does not exist yet will be on the disk of the one above.
    while !FileManager.default.fileExists(atPath: place.path), place.path != "/" {
      place.deleteLastPathComponent()
    }
    var status = statvfs()
    guard statvfs(place.path, &status) == 0 else { return nil }
    return Int(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
  }

  /// The bytes that a run leaves, at most.
  static func left(by settings: RunSettings, _ kept: Kept) -> Int {
    let parameters = ParameterLayout(settings.model.configuration).count
    let components = settings.model.layers * (settings.model.heads + 1)
    let isRigorous =
      (try? StudyProtocol.named(settings.protocolName))?.measurement == .rigorous || settings.rigorousMeasures
    let record = (isRigorous ? 40_000 : 2_000) * components + 20_000
    // A line of the log takes some thirty bytes.
    return record + (kept == .models ? 4 * parameters + 30 * settings.maxSteps : 0)
  }

  /// The bytes that a run needs while it trains: its log, its snapshot, and the snapshot that replaces it.
  static func working(_ settings: RunSettings) -> Int {
    2 * 12 * ParameterLayout(settings.model.configuration).count + 40 * settings.maxSteps
  }
}
