import Errors
import Foundation
import Tasks
import Transformer

extension StudyOptions {
  /// A description for each run: every task with every seed.
  package func descriptions() throws -> [PlanDescription] {
    let settings = try settings()
    return (words(.tasks) ?? []).flatMap { task in
      seeds.map { PlanDescription(task: task, seed: $0, settings: settings) }
    }
  }

  /// What the runs of these options have in common.
  ///
  /// - Throws: `StudyError.unknownProtocol`.
  package func settings() throws -> RunSettings {
    let rules = try StudyProtocol.named(word(.protocolName) ?? "")
    let shape = ModelConfiguration(
      layers: whole(.layers) ?? 0, heads: whole(.heads) ?? 0, dModel: whole(.dModel) ?? 0,
      dMLP: whole(.dFF) ?? 0,
      positions: word(.positions).flatMap(ModelConfiguration.Positions.init) ?? rules.positions)
    var settings = RunSettings(
      protocolName: rules.name, model: RunSettings.Model(shape), batchSize: whole(.batchSize) ?? 0,
      maxSteps: maxSteps, learningRate: number(.learningRate) ?? 0, quick: isSet(.quick),
      reduced: isSet(.reduced))
    settings.warmupSteps = whole(.warmupSteps) ?? 0
    settings.schedule = word(.schedule).flatMap(OptimiserSettings.Schedule.init) ?? .constant
    settings.initialSeed = whole(.initialSeed)
    settings.rigorousMeasures = isSet(.rigorousMeasures)
    (settings.weightDecay, settings.clipNorm) = (number(.weightDecay) ?? 0, number(.clipNorm) ?? 0)
    settings.activations = word(.activations).flatMap(ActivationPrecision.init) ?? .float32
    return settings
  }

  /// The checked plans of a study, one for each task and seed.
  ///
  /// - Throws: `StudyError` or `ModelError.configuration` for options that contradict each other.
  package func plans() throws -> [RunPlan] {
    let plans = try descriptions().map(withCheckpointing)
    for plan in plans { try plan.validate() }
    return plans
  }

  /// The plan of a command that works on one model, given by `--task` and `--seed`. It is not checked yet.
  package func plan() throws -> RunPlan {
    try withCheckpointing(
      PlanDescription(task: word(.task) ?? "", seed: whole(.seed) ?? 0, settings: settings()))
  }

  /// A plan with the option that a description does not have, because no result depends on it.
  private func withCheckpointing(_ description: PlanDescription) throws -> RunPlan {
    var plan = try RunPlan(description)
    plan.checkpointing = checkpointing
    return plan
  }

  package var checkpointing: ActivationCheckpointing {
    word(.activationCheckpointing).flatMap(ActivationCheckpointing.init) ?? .auto
  }

  package var ensembleSize: EnsembleSize {
    word(.ensemble).flatMap { try? EnsembleSize($0) } ?? .auto
  }

  /// The folder of the study. A folder holds the runs of one protocol and one device.
  package var folder: URL {
    let name = [
      word(.protocolName), isSet(.quick) ? "quick" : nil, isSet(.reduced) ? "reduced" : nil,
      self[.device].map { "\($0)".replacing(":", with: "-") },
    ]
    return URL(
      fileURLWithPath: word(.output) ?? "results/" + name.compactMap { $0 }.joined(separator: "-"))
  }

  /// Every option with the value that is used, so that no option is left to its default.
  ///
  /// - Throws: what `plans()` throws.
  package func used() throws -> StudyOptions {
    let plans = try plans()
    var used = self
    for option in StudyOption.all where used[option] == nil { used[option] = option.standard }
    used[.seedCount] = nil
    used[.seeds] = .seeds(seeds)
    used[.maxSteps] = .whole(maxSteps)
    used[.positions] = plans.first.map { .word($0.model.positions.rawValue) }
    used[.output] = .word(folder.relativePath)
    return used
  }

  /// The options that are used, in the form of a `--config` file, and the size of the study.
  ///
  /// - Throws: what `plans()` throws.
  package func dryRun() throws -> String {
    let (used, plans) = (try used(), try plans())
    let lines = StudyOption.all.compactMap { option in used[option].map { "\(option.name): \($0)" } }
    // Plans differ only in task and seed.
    let bytes =
      try plans.first?.memory(
        models: 1, largestAllocation: nil, recomputes: checkpointing == .on
      ).bytes ?? 0
    let note =
      "# \(counted(plans.count, "run")) of at most \(maxSteps) steps; a run may need \(gibibytes(bytes))"
    return (lines + [note]).joined(separator: "\n")
  }
}
