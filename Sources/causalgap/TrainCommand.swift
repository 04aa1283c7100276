import ArgumentParser
import Foundation
import Records
import Study
import Tasks

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains one model to a checkpoint: model.safetensors, train.csv, train.json.")

  @Option(help: "The task: \(taskNames).") var task = "sort"
  @Option(help: "The seed of parameters and data.") var seed = 42
  @Option(name: .customLong("protocol"), help: "published, paper or rigorous.") var protocolName = "published"
  @OptionGroup var model: ModelOptions
  @OptionGroup var device: DeviceOptions
  @Option(help: "The folder for the model.") var output: String

  mutating func run() throws {
    let plan = try model.plan(task: task, seed: seed, protocolName: protocolName)
    try plan.validate()
    Interruption.listen()
    let folder = URL(fileURLWithPath: output)
    let device = try device.make()
    try plan.validate(on: device)
    try StudyFolder.create(folder)
    let lock = try StudyFolder(folder).lock()
    try withExtendedLifetime(lock) {
      _ = try Trainer(plan, on: device, supervisor: ProgressDisplay().supervisor).model(in: folder)
    }
    print(folder.appendingPathComponent("model.safetensors").path)
  }
}

extension ModelOptions {
  func plan(task: String, seed: Int, protocolName: String) throws -> RunPlan {
    let rules = try StudyProtocol.named(protocolName)
    return RunPlan(
      task: try TaskCatalogue.task(named: task), seed: seed, studyProtocol: rules,
      model: try configuration(rules), batchSize: batchSize ?? 64, maxSteps: maxSteps ?? 15_000,
      learningRate: learningRate ?? 1e-3)
  }
}
