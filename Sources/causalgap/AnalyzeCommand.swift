import ArgumentParser
import Foundation
import Records
import Study

struct AnalyzeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "analyze", abstract: "Scores every component of a checkpoint that exists; writes run.json.")

  @Argument(help: "The checkpoint.") var checkpoint: String
  @OptionGroup(title: "Run") var what: RunFlags
  @OptionGroup(title: "Analysis") var analysis: AnalysisFlags
  @OptionGroup(title: "Device") var device: DeviceFlags
  @Option(help: "The folder for run.json.") var output: String

  mutating func run() throws {
    let options = try StudyOptions(what.given + analysis.given)
    var plan = try options.plan()
    let model = try TrainedModel(checkpointAt: URL(fileURLWithPath: checkpoint), plan: plan)
    plan.adopt(model)
    if case .whole(let size)? = options[.batchSize] { plan.batchSize = size }
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
