import ArgumentParser

struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Many studies as one: settings × tasks × seeds, on all devices, on many machines.",
    discussion: """
      plan freezes what is to be computed, run computes it here, and submit on a Slurm cluster. Both can be stopped \
      and started at any time, and any number of times side by side: a run is never computed twice. status says how \
      the sweep stands, and merge summarises it.
      """,
    subcommands: [
      SweepPlanCommand.self, SweepRunCommand.self, SweepWorkCommand.self, SweepSubmitCommand.self,
      SweepStatusCommand.self, SweepMergeCommand.self,
    ])
}
