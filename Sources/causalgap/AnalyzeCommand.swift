import ArgumentParser
import AtomicFile
import Export
import Foundation
import Importance
import Records
import Report
import Study
import Transformer

struct AnalyzeCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "analyze",
    abstract:
      "Scores every component of an existing checkpoint; writes run.json, with tables, figures and a page.",
    discussion: """
      Task and seed are those of the train.json beside the checkpoint, where there is one. The protocol is how to \
      analyse, whatever the model was trained under.
      """ + "\n\n"
        + examples(
          "causalgap analyze model/model.safetensors --protocol rigorous --reduced \\",
          "    --output analysis"))

  @Argument(help: "The model: a checkpoint or, with --data or --text, a folder as Hugging Face saves it.")
  var checkpoint: String
  @OptionGroup(title: "Run") var what: RunFlags
  @OptionGroup(title: "Analysis") var analysis: AnalysisFlags
  @OptionGroup(title: "Device") var device: DeviceFlags
  @OptionGroup(title: "Device") var memory: MemoryFlags
  @Option(help: "The folder for run.json; not needed with --dry-run.") var output: String?
  @Flag(
    help:
      "With --data or --text: say how much memory, and disk while it runs, the analysis takes, and compute nothing."
  )
  var dryRun = false
  @OptionGroup(title: "Own data") var data: DataFlags
  @OptionGroup(title: "Own data") var own: OwnDataFlags
  @OptionGroup(title: "Messages") var messages: MessageFlags

  mutating func run() throws {
    try data.check(what)
    try own.check(data)
    if data.isGiven {
      try data.refuse(
        [
          StudyOption.reduced.flag: analysis.reduced ? "" : nil,
          StudyOption.activationCheckpointing.flag: memory.activationCheckpointing,
        ], without: "an analysis on a task")
    }
    if dryRun { return try showMemory() }
    guard let output else { throw UsageError("--output is missing: name a folder for run.json") }
    let folder = try path(output, "--output")
    if data.isGiven { return try runOnData(folder) }
    var options = try StudyOptions(what.given + analysis.given + memory.given)
    let found = try FoundModel(checkpointAt: path(checkpoint, "the checkpoint"))
    let task: String? = if case .word(let name)? = options[.task] { name } else { nil }
    let seed: Int? = if case .whole(let number)? = options[.seed] { number } else { nil }
    options[.task] = .word(try found.task(asked: task))
    options[.seed] = .whole(try found.seed(asked: seed))
    var plan = try options.plan()
    let model = found.model(for: plan)
    plan.adopt(model)
    if case .whole(let size)? = options[.batchSize] { plan.batchSize = size }
    try plan.validate()
    _ = try StudyFolder.exists(folder)
    Interruption.listen()
    let file = folder.appendingPathComponent("run.json")
    let device = try device.make()
    try plan.validate(on: device)
    let kept = try FileKind.of(file) == nil ? nil : RunRecord.read(from: file)
    let other = otherRecord(file)
    // The same analysis again changes nothing, but a record of any other kind must not be replaced. This is
    // checked before the work as far as the record shows it.
    if let kept, !plan.mayHaveMade(kept, of: model, on: device) { throw other }
    try StudyFolder.create(folder)
    if task == nil, !found.hasKnownTask {
      say(
        "note: without a train.json beside the checkpoint its task is not known: it is measured on \(plan.task.name); "
          + "\(StudyOption.task.flag) names another")
    }
    for note in model.notes { say("note: \(note)") }
    let display = ProgressDisplay()
    display.show(.runStarted(task: plan.task.name, seed: plan.seed))
    let record = try Analysis(plan, on: device, supervisor: display.supervisor).analyse(model)
    if let kept {
      guard kept.withoutTimings == record.withoutTimings else { throw other }
    } else {
      try record.write(to: file)
    }
    display.show(.runFinished(record))
    try report(kept ?? record, in: StudyFolder(folder))
    print(file.path)
  }

  private func otherRecord(_ file: URL) -> RecordError {
    .unwritable(
      file: file.path,
      reason: "there is another record already; delete \(file.path) or choose another --output")
  }

  /// Scores the model on sequences of a file instead of a task's samples.
  private func runOnData(_ folder: URL) throws {
    _ = try StudyFolder.exists(folder)
    let file = folder.appendingPathComponent("run.json")
    guard try FileKind.of(file) == nil else { throw otherRecord(file) }
    let found = try FoundDataModel(path(checkpoint, "the checkpoint"))
    var analysis = try dataAnalysis(of: found)
    Interruption.listen()
    let device = try device.make()
    try StudyFolder.create(folder)
    let display = ProgressDisplay()
    analysis.supervisor = display.supervisor
    display.show(.runStarted(task: analysis.name, seed: analysis.seed))
    let parts = folder.appendingPathComponent(".causalgap-parts", isDirectory: true)
    let findings = try analysis.analyse(found.checkpoint, on: device, keepingPartsIn: parts)
    let record = findings.record
    for note in record.notes { say("note: \(note)") }
    if let edges = findings.edges { try write(edges, found.checkpoint.configuration, to: folder) }
    if let faithfulness = findings.edgeFaithfulness { try write(faithfulness, to: folder) }
    if analysis.faithfulness {
      let circuits = folder.appendingPathComponent("circuits", isDirectory: true)
      try Circuits(in: circuits).write(record)
      say("circuits of components: \(circuits.path)")
    }
    try record.write(to: file)
    do {
      try findings.removeParts()
    } catch {
      say("note: \(parts.path) is not needed any more and could not be deleted: \(error)")
    }
    display.show(.runFinished(record))
    try report(record, in: StudyFolder(folder))
    print(file.path)
  }

  /// Writes `edges.csv`, and a circuit for each score.
  private func write(_ edges: EdgeScores, _ configuration: ModelConfiguration, to folder: URL) throws {
    let file = folder.appendingPathComponent("edges.csv")
    try writeAtomically(Data(edges.csv(in: configuration).utf8), to: file)
    try Circuits(in: folder.appendingPathComponent("circuits", isDirectory: true))
      .write(edges, in: configuration)
    say("edges: \(file.path)")
  }

  /// Writes `edge_faithfulness.csv`, and says the areas.
  private func write(_ faithfulness: EdgeFaithfulness, to folder: URL) throws {
    let file = folder.appendingPathComponent("edge_faithfulness.csv")
    try writeAtomically(Data(faithfulness.csv.utf8), to: file)
    for line in faithfulness.lines { say(line) }
    say("circuits of edges: \(file.path)")
  }

  private func dataAnalysis(of found: FoundDataModel) throws -> DataAnalysis {
    let options = try StudyOptions(what.given + analysis.given + memory.given)
    var analysis = try own.analysis(of: found, data)
    if let seed = found.seed { analysis.seed = seed }
    if case .whole(let seed)? = options[.seed] { analysis.seed = seed }
    if case .whole(let size)? = options[.batchSize] { analysis.batchSize = size }
    return analysis
  }

  /// Prints the memory that an analysis of own data takes.
  private func showMemory() throws {
    guard data.isGiven else { throw UsageError("--dry-run belongs to --data or --text; leave it out") }
    let found = try FoundDataModel(path(checkpoint, "the checkpoint"))
    let device = try device.make()
    let memory = try dataAnalysis(of: found).memory(of: found.checkpoint, on: device)
    print(memory.lines(on: device).joined(separator: "\n"))
  }

  /// Writes tables, figures and the page of the record, unless they would take the place of a study's.
  private func report(_ record: RunRecord, in folder: StudyFolder) throws {
    let obstacle =
      try FileKind.of(folder.runs) == nil
      ? folder.reasonNotToWriteReport() : "\(folder.url.path) is a study's folder"
    try writeReport(unless: obstacle) {
      try StudyReport(Summary([record]), runs: [record]).write(to: folder)
      say("page: \(folder.report.path)")
    }
  }
}
