import Foundation
import TestSupport
import Testing

@testable import Records

@Suite("Runs that ended without a record")
struct RunFailureTests {
  private func leave(_ state: RunState, _ seed: Int, in folder: StudyFolder) throws -> URL {
    let place = folder.run(task: "sort", seed: seed)
    try StudyFolder.create(place)
    try state.write(in: place)
    return place
  }

  private func state(_ phase: RunState.Phase, cause: String? = nil) -> RunState {
    RunState(phase: phase, cause: cause, worker: "elsewhere:1", device: "cpu", attempts: 1)
  }

  @Test("are those that failed or lost their worker, with the reason, sorted")
  func reasons() throws {
    try withFolder { url in
      let folder = StudyFolder(url)
      _ = try leave(state(.running), 10, in: folder)
      _ = try leave(state(.failed, cause: "not finite"), 9, in: folder)
      _ = try leave(state(.interrupted, cause: "stopped on request"), 8, in: folder)
      let finished = try leave(state(.failed, cause: "an old one"), 7, in: folder)
      try Data("{}".utf8).write(to: finished.appendingPathComponent("run.json"))
      try StudyFolder.create(folder.run(task: "sort", seed: 6))
      #expect(
        try folder.failures() == [
          RunFailure(task: "sort", seed: 9, reason: "not finite"),
          RunFailure(task: "sort", seed: 10, reason: "its worker, elsewhere:1, ended without a word"),
        ])
    }
  }

  @Test("a run that a process works on has not failed, and a damaged state says nothing")
  func held() throws {
    try withFolder { url in
      let folder = StudyFolder(url)
      let place = try leave(state(.failed, cause: "an old one"), 1, in: folder)
      let damaged = try leave(state(.failed), 2, in: folder)
      try Data("?".utf8).write(to: damaged.appendingPathComponent("state.json"))
      let lock = try StudyFolder(place).lock()
      let failures = try withExtendedLifetime(lock) { try folder.failures() }
      #expect(failures.isEmpty)
    }
  }
}
