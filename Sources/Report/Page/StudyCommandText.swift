import Records

/// The command that asks for runs like the recorded ones, from the records alone. There is none for a model that was scored on other
/// data than a task's.
struct StudyCommandText {
  let commands: [String]

  /// The keys of a record's configuration that are options of `study`, with their names there.
  private static let options = [
    "layers", "heads", "d_model", "d_ff", "positions", "batch_size", "max_steps", "learning_rate",
    "warmup_steps",
    "schedule", "weight_decay", "clip_norm", "activations", "initial_seed",
  ]
  private static let flags = ["quick", "reduced"]

  /// One command for all tasks if they have the same seeds, else one for each task.
  init(_ summary: Summary, _ runs: [RunRecord]) {
    guard let first = runs.first, first.configuration.maxSteps > 0,
      let settings = try? RecordedSettings(
        protocolName: first.protocolName, configuration: first.configuration
      ).values
    else {
      commands = []
      return
    }
    let given =
      Self.options.compactMap { key in settings[key].map { "\(Self.flag(key)) \($0)" } }
      + Self.flags.filter { settings[$0] == .flag(true) }.map(Self.flag)
    let seeds = summary.tasks.map(\.seeds)
    let groups =
      Set(seeds).count == 1
      ? [(summary.tasks.map(\.task), seeds[0])] : zip(summary.tasks, seeds).map { ([$0.task], $1) }
    commands = groups.map { tasks, seeds in
      let list = seeds.map(String.init).joined(separator: ",")
      return
        "causalgap study --protocol \(first.protocolName) --tasks \(tasks.joined(separator: ",")) --seeds \(list) "
        + (given + ["--device \(first.device.selector)"]).joined(separator: " ")
    }
  }

  private static func flag(_ key: String) -> String { "--" + key.replacing("_", with: "-") }
}
