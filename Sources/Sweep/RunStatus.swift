import Foundation
import Records
import Study

/// How a run stands.
package enum RunStatus: String, Codable, Sendable, CaseIterable {
  /// Nobody has worked on it.
  case pending
  /// A process works on it now.
  case running
  /// It has its record.
  case done
  /// It can't be computed as planned; `--retry failed` tries it again.
  case failed
  /// It was stopped on request, and continues from its last snapshot.
  case interrupted
  /// Its worker ended without a word; it continues from its last snapshot, unless it has cost several workers.
  case lost
}

/// A run that is not done, and what is known of it.
package struct RunReport: Codable, Sendable, Equatable {
  package var run: String
  package var status: RunStatus
  package var cause: String?
  package var worker: String?
  package var device: String?
  package var attempts: Int?
  package var lastLine: String?
  /// Whether no worker takes it unless it is asked for; not written.
  var isGivenUp = false

  private enum CodingKeys: String, CodingKey {
    case run, status, cause, worker, device, attempts
    case lastLine = "last_line"
  }
}

/// Looks at the folder of a sweep: which runs are done, and how the others stand.
package struct SweepScan {
  let folder: SweepFolder
  let plan: SweepPlan

  package init(_ folder: SweepFolder, _ plan: SweepPlan) {
    self.folder = folder
    self.plan = plan
  }

  /// The runs whose folders exist. The others are pending, and cost no look.
  private func begun() throws -> [[String: Set<String>]] {
    try plan.settings.map { setting in
      let study = folder.study(setting)
      var begun: [String: Set<String>] = [:]
      for task in setting.runs.keys {
        begun[task] = try Self.names(in: study.runs.appendingPathComponent(task, isDirectory: true))
      }
      return begun
    }
  }

  private static func names(in folder: URL) throws -> Set<String> {
    guard try FileKind.of(folder) != nil else { return [] }
    do {
      return Set(try FileManager.default.contentsOfDirectory(atPath: folder.path))
    } catch {
      throw RecordError.folder(path: folder.path, reason: "can't list it: \(systemReason(error))")
    }
  }

  /// The runs that have no record, in the plan's order.
  ///
  /// - Throws: `RecordError` for a folder that can't be looked at.
  package func unfinished(_ runs: [SweepPlan.Run]) throws -> [SweepPlan.Run] {
    try places(runs).map(\.run)
  }

  /// The runs that have no record, with their folders where those exist.
  private func places(_ runs: [SweepPlan.Run]) throws -> [(run: SweepPlan.Run, folder: URL?)] {
    let begun = try begun()
    return try runs.compactMap { run in
      guard begun[run.setting][run.task]?.contains("seed-\(run.seed)") == true else { return (run, nil) }
      let study = folder.study(of: run, in: plan)
      let needsRigorous = plan.settings[run.setting].settings.rigorousMeasures
      guard try !study.isFinished(task: run.task, seed: run.seed, withRigorous: needsRigorous) else {
        return nil
      }
      return (run, study.run(task: run.task, seed: run.seed))
    }
  }

  /// How every run stands that is not done.
  package func reports(_ runs: [SweepPlan.Run]) throws -> [RunReport] { try standings(runs).map(\.report) }

  /// The runs that are not done, in the plan's order, and how each stands.
  package func standings(_ runs: [SweepPlan.Run]) throws -> [(run: SweepPlan.Run, report: RunReport)] {
    try places(runs).map { run, place in
      guard let place else { return (run, RunReport(run: run.description, status: .pending)) }
      return (run, try report(run, in: place))
    }
  }

  private func report(_ run: SweepPlan.Run, in place: URL) throws -> RunReport {
    guard try FileKind.of(place) == .folder else {
      return RunReport(
        run: run.description, status: .failed, cause: "\(place.path) is not a folder: remove it",
        isGivenUp: true)
    }
    let isHeld = try StudyFolder.isHeld(run: place)
    guard let state = RunState.read(in: place) else {
      // A study, or a single training, has no state.
      return RunReport(run: run.description, status: isHeld ? .running : .pending)
    }
    var report = RunReport(
      run: run.description, status: .running, cause: state.cause, worker: state.worker, device: state.device,
      attempts: state.attempts, lastLine: state.lastLine, isGivenUp: !state.canBeTried)
    if isHeld { return report }
    switch state.phase {
    case .failed: report.status = .failed
    case .interrupted: report.status = .interrupted
    case .running, .lost:
      report.status = .lost
      report.cause = state.cause ?? state.loss
      report.lastLine = lastLine(of: folder.logs.appendingPathComponent(state.log)) ?? state.lastLine
    }
    return report
  }
}

/// The last line of a file that is not blank, or the end of it; nil where there is none.
func lastLine(of file: URL) -> String? {
  guard let handle = try? FileHandle(forReadingFrom: file) else { return nil }
  defer { try? handle.close() }
  guard let end = try? handle.seekToEnd() else { return nil }
  let start = end > 4096 ? end - 4096 : 0
  guard (try? handle.seek(toOffset: start)) != nil, let data = try? handle.readToEnd() else { return nil }
  let lines = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline)
  return lines.last { !$0.allSatisfy(\.isWhitespace) }.map { String($0.suffix(300)) }
}
