import Foundation
import Safetensors
import Records
import TestSupport
import Testing

@Suite("Runs that are interrupted, killed and continued")
struct InterruptionTests {
  private let study = ["study", "--tasks", "sort", "--seeds", "1", "--device", "cpu", "--max-steps", "1500"]

  @Test("a study stopped by Ctrl-C, then killed in its second training, gives the uninterrupted result")
  func stoppedAndKilled() throws {
    try withFolder { folder in
      let arguments = study + Program.shape
      #expect(try Program.run(arguments + ["--output", "whole"], in: folder).code == 0)

      let stopped = try Program(arguments + ["--output", "parts"], in: folder)
      try stopped.waitFor("step 500")
      stopped.send(SIGINT)
      let began = Date()
      let outcome = try stopped.wait()
      #expect(Date().timeIntervalSince(began) < 5)
      expectRefusal(outcome.withoutProgress, code: 130, "the same command continues")
      let run = folder.appendingPathComponent("parts/runs/sort/seed-1")
      #expect(try contents(of: run)["training.safetensors"] != nil)
      #expect(try contents(of: run)["run.json"] == nil)

      let killed = try Program(arguments + ["--output", "parts"], in: folder)
      try killed.waitFor("sort, seed 1, Table 6: step 500")
      killed.send(SIGKILL)
      let end = try killed.wait()
      #expect(end.code == 128 + SIGKILL)
      #expect(end.error.contains("continues after step"))

      let last = try Program.run(arguments + ["--output", "parts"], in: folder)
      #expect(last.code == 0, "\(last.error)")
      try expectSameRun(
        folder.appendingPathComponent("whole"), folder.appendingPathComponent("parts"), task: "sort")
    }
  }

  @Test("a training stopped before its first measurement, then killed, loses no step of its log")
  func early() throws {
    try withFolder { folder in
      let arguments =
        ["train", "--task", "reverse", "--device", "cpu", "--max-steps", "3000"] + Program.shape
      let parts = folder.appendingPathComponent("parts")
      let log = parts.appendingPathComponent("train.csv")
      // On a busy machine the first step may come late; then the stop does, too.
      var pause: useconds_t = 50_000
      repeat {
        let stopped = try Program(arguments + ["--output", "parts"], in: folder)
        for _ in 0..<2000 where !FileManager.default.fileExists(atPath: log.path) { usleep(5_000) }
        usleep(pause)
        stopped.send(SIGINT)
        try #require(try stopped.wait().code == 130)
        pause *= 2
      } while try isAtFirstStep(parts)
      let killed = try Program(arguments + ["--output", "parts"], in: folder)
      try killed.waitFor("continues after step")
      killed.send(SIGKILL)
      _ = try killed.wait()
      for name in ["parts", "whole"] {
        #expect(try Program.run(arguments + ["--output", name], in: folder).code == 0)
      }
      let (found, whole) = (
        try contents(of: parts), try contents(of: folder.appendingPathComponent("whole"))
      )
      #expect(found.keys == whole.keys)
      #expect(found["train.csv"] == whole["train.csv"])
      #expect(found["model.safetensors"] == whole["model.safetensors"])
    }
  }

  /// Whether the snapshot in a folder was taken before the first step.
  private func isAtFirstStep(_ folder: URL) throws -> Bool {
    let snapshot = try SafetensorsFile(contentsOf: folder.appendingPathComponent("training.safetensors"))
    let state = try #require(snapshot.metadata["state"])
    return state.replacing(" ", with: "").contains("\"step\":0,")
  }
}
