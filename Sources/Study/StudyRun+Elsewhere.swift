import Compute
import Foundation
import Records
import Safetensors

extension StudyRun {
  /// Removes what another device has left of this run: its bits differ, so this device begins again.
  ///
  /// - Returns: the selector of the other device; nil where there is nothing of the kind.
  /// - Throws: `StudyError.damagedState`, `RecordError`.
  package func beginAgainIfBegunElsewhere(than device: any Device) throws -> String? {
    var other: String?
    for training in trainings {
      let own = RunOrigin(training.plan, on: device)
      for origin in try training.origins() where origin.device != own.device {
        var moved = origin
        moved.device = own.device
        // Other differences are refused by name when the training begins.
        if moved == own { other = origin.device }
      }
    }
    guard other != nil else { return nil }
    for training in trainings { try training.removeFiles() }
    return other
  }

  /// Removes what the run leaves beside its record: model, log, and what describes them.
  package func removeModels() throws {
    for training in ofRecord { try training.removeFiles() }
    let second = place.appendingPathComponent("table6")
    if try FileKind.of(second) != nil { rmdir(second.path) }
  }
}

extension Training {
  private static let files = ["training.safetensors", "train.json", "model.safetensors", "train.csv"]

  /// Where the files in the folder say that they come from.
  fileprivate func origins() throws -> [RunOrigin] {
    var origins: [RunOrigin] = []
    if let description = try TrainingDescription.read(in: folder) { origins.append(description.origin) }
    let snapshot = folder.appendingPathComponent("training.safetensors")
    if try FileKind.of(snapshot) != nil,
      let text = try? SafetensorsFile(contentsOf: snapshot).metadata["origin"],
      let origin = try? RecordCoding.decode(RunOrigin.self, from: Data(text.utf8))
    {
      origins.append(origin)
    }
    return origins
  }

  fileprivate func removeFiles() throws {
    for name in Self.files {
      let file = folder.appendingPathComponent(name)
      guard unlink(file.path) != 0, errno != ENOENT else { continue }
      throw RecordError.unwritable(file: file.path, reason: systemReason(errno: errno))
    }
  }
}
