import ArgumentParser
import Foundation
import Records
import Study
import Tasks

struct AnalyzeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "analyze", abstract: "Scores every component of a checkpoint that exists; writes run.json.")

  @Argument(help: "The checkpoint.") var checkpoint: String
  @Option(help: "The task: \(taskNames).") var task = "sort"
  @Option(help: "The seed it was trained with, or, without a train.json beside it, of the data.")
  var seed = 42
  @Option(name: .customLong("protocol"), help: "published, paper or rigorous.") var protocolName = "published"
  @Option(help: "Sequences a gradient or mean batch; as in training by default.") var batchSize: Int?
  @Flag(help: "Of rigorous: fewer samples, scores and interventions, no pairs and lengths; for deep models.")
  var reduced = false
  @OptionGroup var device: DeviceOptions
  @Option(help: "The folder for run.json.") var output: String

  mutating func run() throws {
    var plan = RunPlan(
      task: try TaskCatalogue.task(named: task), seed: seed,
      studyProtocol: try StudyProtocol.named(protocolName), model: .init(), reduced: reduced)
    let model = try TrainedModel(checkpointAt: URL(fileURLWithPath: checkpoint), plan: plan)
    plan.adopt(model)
    plan.batchSize = batchSize ?? plan.batchSize
    try plan.validate()
    Interruption.listen()
    let folder = URL(fileURLWithPath: output)
    let file = folder.appendingPathComponent("run.json")
    let device = try device.make()
    try plan.validate(on: device)
    try StudyFolder.create(folder)
    let kept = FileManager.default.fileExists(atPath: file.path) ? try RunRecord.read(from: file) : nil
    let display = ProgressDisplay()
    display.show(.runStarted(task: plan.task.name, seed: plan.seed))
    let record = try Analysis(plan, on: device, supervisor: display.supervisor).analyse(model)
    for note in model.notes { say("note: \(note)") }
    if let kept {
      // The same analysis again changes nothing; any other record is not ours to replace.
      guard kept.withoutTimings == record.withoutTimings else {
        throw RecordError.unwritable(
          file: file.path, reason: "there is another record already; delete it or choose another --output")
      }
    } else {
      try record.write(to: file)
    }
    display.show(.runFinished(record))
    print(file.path)
  }
}
