import Digests
import Foundation

/// The tasks of a sweep that are in Slurm's queue or running.
package struct SlurmQueue: Sendable {
  package struct Task: Sendable, Equatable, Encodable {
    /// `123_4`
    package var name: String
    package var shard: Int
    /// The number of shards that its job divides the plan into.
    package var count: Int
    /// `PENDING`, `RUNNING`, …
    package var state: String
    package var reason: String
  }

  package let tasks: [Task]
  /// Whether there is a queue at all.
  package let exists: Bool

  /// Asks `squeue`.
  package init(_ folder: SweepFolder) {
    guard
      let outcome = Command(
        "squeue", "--noheader", "--array", "--name", Self.jobName(folder), "--format", "%i %T %k %r"
      ).run(), outcome.code == 0
    else {
      (tasks, exists) = ([], false)
      return
    }
    exists = true
    tasks = outcome.output.split(whereSeparator: \.isNewline).compactMap { line in
      let parts = line.split(separator: " ", maxSplits: 3).map(String.init)
      guard parts.count == 4, let shard = parts[0].split(separator: "_").last.flatMap({ Int($0) }),
        let count = Int(parts[2])
      else { return nil }
      return Task(name: parts[0], shard: shard, count: count, state: parts[1], reason: parts[3])
    }
  }

  /// One name for all jobs of a sweep's folder: it stays when the plan is extended.
  static func jobName(_ folder: SweepFolder) -> String {
    let path = folder.url.standardizedFileURL.resolvingSymlinksInPath().path
    return "causalgap-" + String(fnv1a64(path.utf8), radix: 36)
  }

  func shards(of count: Int) -> Set<Int> { Set(tasks.filter { $0.count == count }.map(\.shard)) }
  func hasOthers(than count: Int) -> Bool { tasks.contains { $0.count != count } }
}
