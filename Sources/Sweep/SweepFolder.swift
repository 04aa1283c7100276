import AtomicFile
import Foundation
import Records
import Study

/// The files of a sweep. It is a plain value; creating it does not access the disk.
package struct SweepFolder: Sendable, Equatable {
  package let url: URL

  package init(_ url: URL) { self.url = url }

  package var planFile: URL { url.appendingPathComponent("plan.json") }
  /// What has happened, one JSON object a line.
  package var events: URL { url.appendingPathComponent("events.jsonl") }
  /// How the sweep stands, written again and again while it runs.
  package var status: URL { url.appendingPathComponent("status.json") }
  package var studies: URL { url.appendingPathComponent("studies", isDirectory: true) }
  /// What workers wrote to their error streams.
  package var logs: URL { url.appendingPathComponent("logs", isDirectory: true) }
  /// What was handed to a scheduler.
  package var submissions: URL { url.appendingPathComponent("slurm", isDirectory: true) }

  /// The study of a setting.
  package func study(_ setting: SweepPlan.Setting) -> StudyFolder {
    StudyFolder(studies.appendingPathComponent(setting.name, isDirectory: true))
  }

  package func study(of run: SweepPlan.Run, in plan: SweepPlan) -> StudyFolder {
    study(plan.settings[run.setting])
  }

  /// `plan.json` as it is written: the plan and its hash.
  private struct FrozenPlan: Codable {
    var hash: String
    var plan: SweepPlan
  }

  /// The sweep's plan.
  ///
  /// - Throws: `SweepError.noPlan`, `SweepError.damaged`, `RecordError.unreadable`.
  package func readPlan() throws -> SweepPlan {
    guard try FileKind.of(planFile) != nil else { throw SweepError.noPlan(folder: url.path) }
    return try Self.plan(frozen: fileContents(planFile), file: planFile.path)
  }

  /// The text of `plan.json`.
  package static func frozen(_ plan: SweepPlan) throws -> Data {
    try RecordCoding.encode(FrozenPlan(hash: plan.hash(), plan: plan))
  }

  /// Reads the text of `plan.json`.
  ///
  /// - Parameter file: the path, for messages.
  /// - Throws: `SweepError.damaged`.
  package static func plan(frozen data: Data, file: String) throws -> SweepPlan {
    let frozen: FrozenPlan
    do {
      frozen = try RecordCoding.decode(FrozenPlan.self, from: data)
    } catch {
      throw SweepError.damaged(
        file: file,
        detail:
          "it is not a plan; delete it, and plan the sweep again with the same values: finished runs are kept"
      )
    }
    guard frozen.plan.schema == SweepPlan.currentSchema else {
      throw SweepError.damaged(
        file: file,
        detail:
          "another version of the program made it: its schema is \(frozen.plan.schema), and this version knows "
          + "\(SweepPlan.currentSchema)")
    }
    guard try frozen.plan.hash() == frozen.hash else {
      throw SweepError.damaged(
        file: file,
        detail:
          "it was changed after it was made; delete it, and plan the sweep again: finished runs are kept")
    }
    return frozen.plan
  }

  /// Writes a plan, or extends the one that exists.
  ///
  /// - Returns: the plan as it is now, and how many runs are new in it.
  /// - Throws: `SweepError.conflict` where the plans contradict each other.
  package func freeze(_ plan: SweepPlan) throws -> (plan: SweepPlan, added: Int) {
    try StudyFolder.create(url)
    let lock = try StudyFolder(url).lock()
    return try withExtendedLifetime(lock) {
      var (whole, added) = (plan, plan.runCount)
      if try FileKind.of(planFile) != nil {
        (whole, added) = try readPlan().extended(to: plan, in: url.path)
        if added == 0 { return (whole, 0) }
      }
      try writeAtomically(Self.frozen(whole), to: planFile)
      return (whole, added)
    }
  }
}
