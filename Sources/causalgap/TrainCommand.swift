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
  @OptionGroup(title: "Own data") var data: DataFlags
  @OptionGroup(title: "Own data") var tokens: VocabularyFlags
  @OptionGroup(title: "Model and training") var model: ModelFlags
  @OptionGroup(title: "Device") var device: DeviceFlags
  @OptionGroup(title: "Device") var memory: MemoryFlags
  @Option(help: "The folder for the model.") var output: String
  @OptionGroup(title: "Messages") var messages: MessageFlags

  mutating func run() throws {
    let folder = try path(output, "--output")
    try data.check(what)
    if data.data == nil { try data.refuse(["--vocabulary": tokens.vocabulary], without: "--data") }
    let options = try StudyOptions(what.given + model.given + memory.given)
    let plan: any PlannedTraining = try data.isGiven ? planOnData(options) : options.plan()
    try plan.validate()
    for note in options.notes { say("note: \(note)") }
    try Self.refuseStudy(folder)
    Interruption.listen()
    let device = try device.make()
    try plan.validate(on: device)
    try StudyFolder.create(folder)
    let lock = try StudyFolder(folder).lock()
    try withExtendedLifetime(lock) {
      let trained = try Trainer(plan, on: device, supervisor: ProgressDisplay().supervisor).model(in: folder)
      for (split, score) in (trained.splits ?? [:]).sorted(by: { $0.key < $1.key }) {
        say("\(split): \(score)")
      }
    }
    print(folder.appendingPathComponent("model.safetensors").path)
  }

  private func planOnData(_ options: StudyOptions) throws -> TrainingPlan {
    let vocabulary = try StudyOptions(tokens.given).whole(.vocabulary)
    let training =
      if let file = data.data {
        try DataTraining(tokensAt: path(file, "--data"), vocabulary: vocabulary)
      } else {
        DataTraining(try data.readText())
      }
    for note in training.notes { say("note: \(note)") }
    return try options.training(on: training)
  }

  /// Refuses the folder of a study, and a path that is not a folder, before a device is made.
  private static func refuseStudy(_ folder: URL) throws {
    guard try StudyFolder.exists(folder), try FileKind.of(StudyFolder(folder).runs) == .folder else { return }
    throw UsageError("--output \(folder.path) is the folder of a study; choose another for a single model")
  }
}
