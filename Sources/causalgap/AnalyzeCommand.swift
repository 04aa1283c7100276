import ArgumentParser
import Foundation
import Records
import Study
import Tasks

struct AnalyzeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "analyze", abstract: "Scores every component of a checkpoint that exists; writes run.json.")

  @Argument(help: "The checkpoint.") var checkpoint: String
  @Option(help: "The task.") var task = "sort"
  @Option(help: "The seed, where no train.json beside the checkpoint tells the stream.") var seed = 42
  @Option(name: .customLong("protocol"), help: "published or paper.") var protocolName = "published"
  @Option(help: "Sequences a gradient or mean batch.") var batchSize = 64
  @OptionGroup var device: DeviceOptions
  @Option(help: "The folder for run.json.") var output: String

  mutating func run() throws {
    var plan = RunPlan(
      task: try TaskCatalogue.task(named: task), seed: seed,
      studyProtocol: try StudyProtocol.named(protocolName), model: .init(), batchSize: batchSize)
    let model = try TrainedModel(checkpointAt: URL(fileURLWithPath: checkpoint), plan: plan)
    plan.model = model.checkpoint.configuration
    plan.maxSteps = model.maxSteps ?? plan.maxSteps
    try plan.validate()
    Interruption.listen()
    let folder = URL(fileURLWithPath: output)
    let device = try device.make()
    try StudyFolder.create(folder)
    let display = ProgressDisplay()
    display.show(.runStarted(task: plan.task.name, seed: plan.seed))
    let record = try Analysis(plan, on: device, supervisor: display.supervisor).analyse(model)
    for note in model.notes { say("note: \(note)") }
    let file = folder.appendingPathComponent("run.json")
    try record.write(to: file)
    display.show(.runFinished(record))
    print(file.path)
  }
}
