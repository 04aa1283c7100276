import Foundation

/// A run that ended without a record, and why.
package struct RunFailure: Codable, Sendable, Equatable {
  /// The study's folder in a comparison, the setting's name in a sweep; omitted in a study's own files.
  package var study: String?
  package var task: String
  package var seed: Int
  package var reason: String

  package init(study: String? = nil, task: String, seed: Int, reason: String) {
    (self.study, self.task, self.seed, self.reason) = (study, task, seed, reason)
  }
}

extension StudyFolder {
  /// The runs of the folder that have failed or lost their worker, sorted by task name, then seed. One that a process works on now, or
  /// that can continue, is not among them.
  ///
  /// - Throws: `RecordError` for a folder that cannot be examined or listed.
  package func failures() throws -> [RunFailure] {
    try runFolders().compactMap { run in
      guard try FileKind.of(run.appendingPathComponent("run.json")) == nil,
        let state = RunState.read(in: run), let seed = Int(run.lastPathComponent.dropFirst("seed-".count))
      else { return nil }
      // Where this process may not make locks, nobody is known to work on the run.
      let isHeld = (try? Self.isHeld(run: run)) ?? false
      return state.failure(isHeld: isHeld).map {
        RunFailure(task: run.deletingLastPathComponent().lastPathComponent, seed: seed, reason: $0)
      }
    }.sorted { ($0.task, $0.seed) < ($1.task, $1.seed) }
  }
}
