import ArgumentParser
import Foundation
import Records
import Study

struct TrainCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains one model to a checkpoint: model.safetensors, train.csv, train.json.",
    discussion: examples(
      "causalgap train --task sort --max-steps 2000 --output model"))

  @OptionGroup(title: "Run") var what: RunFlags
  @OptionGroup(title: "Model and training") var model: ModelFlags
  @OptionGroup(title: "Device") var device: DeviceFlags
  @OptionGroup(title: "Device") var memory: MemoryFlags
  @Option(help: "The folder for the model.") var output: String
  @OptionGroup(title: "Messages") var messages: MessageFlags

  mutating func run() throws {
    let folder = try path(output, "--output")
    let plan = try StudyOptions(what.given + model.given + memory.given).plan()
    try plan.validate()
    try Self.refuseStudy(folder)
    Interruption.listen()
    let device = try device.make()
    try plan.validate(on: device)
    try StudyFolder.create(folder)
    let lock = try StudyFolder(folder).lock()
    try withExtendedLifetime(lock) {
      _ = try Trainer(plan, on: device, supervisor: ProgressDisplay().supervisor).model(in: folder)
    }
    print(folder.appendingPathComponent("model.safetensors").path)
  }

  /// Refuses the folder of a study, and a path that is not a folder, before a device is made.
  private static func refuseStudy(_ folder: URL) throws {
    guard try StudyFolder.exists(folder), try FileKind.of(StudyFolder(folder).runs) == .folder else { return }
    throw UsageError("--output \(folder.path) is the folder of a study; choose another for a single model")
  }
}
