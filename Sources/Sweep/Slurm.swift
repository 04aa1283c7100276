import Foundation

/// The Slurm task that this process is, from the environment that Slurm gives it.
///
/// Source: "sbatch", "scontrol" and "squeue" in https://slurm.schedmd.com/man_index.html.
package struct SlurmTask: Sendable {
  /// How `scontrol` and `squeue` call it: `123_4`, or `123` outside an array.
  package let name: String

  /// Nil outside Slurm, and in a session that was not submitted by `sweep submit`.
  package init?(_ environment: [String: String] = ProcessInfo.processInfo.environment) {
    guard environment["CAUSALGAP_REQUEUES"] != nil, let job = environment["SLURM_JOB_ID"] else { return nil }
    if let array = environment["SLURM_ARRAY_JOB_ID"], let task = environment["SLURM_ARRAY_TASK_ID"] {
      name = "\(array)_\(task)"
    } else {
      name = job
    }
    mostRequeues = environment["CAUSALGAP_REQUEUES"].flatMap { Int($0) } ?? 0
  }

  /// The most often that the task puts itself back into the queue.
  package let mostRequeues: Int

  /// The seconds until Slurm ends the task; nil where it has no limit, or the queue does not say.
  package func secondsLeft() -> Double? {
    guard let outcome = Command("squeue", "--noheader", "--jobs", name, "--format", "%L").run(),
      outcome.code == 0
    else { return nil }
    return slurmSeconds(outcome.output.trimmingCharacters(in: .whitespacesAndNewlines))
  }

  /// Puts the task back into the queue, unless it has done so too often.
  ///
  /// - Parameters:
  ///   - folder: counts the task's requeues. Those that Slurm does by itself, after the loss of a node, do not count.
  ///   - say: receives what happens. Slurm may end this process as soon as the task is back in the queue.
  package func requeue(in folder: SweepFolder, say: (String) -> Void) {
    let file = folder.submissions.appendingPathComponent("requeues-\(name)")
    let before = (try? String(contentsOf: file, encoding: .utf8)).flatMap {
      Int($0.trimmingCharacters(in: .whitespacesAndNewlines))
    }
    let count = (before ?? 0) + 1
    guard count <= mostRequeues else {
      return say(
        "the task has gone back into the queue \(mostRequeues) times, and does not again: "
          + "'causalgap sweep submit \(folder.url.path)' submits what is left")
    }
    try? Data("\(count)\n".utf8).write(to: file)
    say("the task goes back into the queue: \(count) of at most \(mostRequeues) times")
    guard let outcome = Command("scontrol", "requeue", name).run() else {
      return say("scontrol can't be run, so the task does not go back into the queue")
    }
    if outcome.code != 0 { say("the task does not go back into the queue: \(outcome.complaint)") }
  }
}

/// A span of time as Slurm writes it: `1-02:03:04`, `02:03:04`, `03:04`, `04`. Nil for `UNLIMITED` and the like.
func slurmSeconds(_ text: String) -> Double? {
  let sides = text.split(separator: "-", omittingEmptySubsequences: false)
  let clock = (sides.last ?? "").split(separator: ":", omittingEmptySubsequences: false).map { Double($0) }
  guard sides.count <= 2, !clock.isEmpty, clock.count <= 3, clock.allSatisfy({ $0.map { $0 >= 0 } ?? false })
  else {
    return nil
  }
  let seconds = clock.compactMap(\.self).reduce(0) { $0 * 60 + $1 }
  guard sides.count == 2 else { return seconds }
  return Double(sides[0]).map { $0 * 86_400 + seconds }
}
