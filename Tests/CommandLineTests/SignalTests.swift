import Foundation
import Records
import TestSupport
import Testing

@Suite("Closed pipes, closed terminals and limited file sizes")
struct SignalTests {
  /// Runs the program inside a shell command, in which `"$0" "$@"` is the program, and returns the program's
  /// exit code.
  private func shell(_ words: String, _ arguments: [String], in folder: URL) throws -> Int32? {
    let launcher = ["/bin/sh", "-c", words.replacing("PROGRAM", with: "{ \"$0\" \"$@\"; echo $? > code; }")]
    _ = try Program.run(arguments, in: folder, launcher: launcher)
    let code = try String(contentsOf: folder.appendingPathComponent("code"), encoding: .utf8)
    return Int32(code.trimmingCharacters(in: .whitespacesAndNewlines))
  }

  @Test("a study continues to its end if the reader of its progress has gone")
  func progress() throws {
    try withFolder { folder in
      let study = ["study", "--tasks", "copy", "--seeds", "1", "--device", "cpu", "--output", "s"]
      let arguments = study + Program.shape + ["--max-steps", "1200"]
      #expect(try shell("PROGRAM 2>&1 >/dev/null | head -1", arguments, in: folder) == 0)
      let records = try StudyFolder(folder.appendingPathComponent("s")).readRecords()
      #expect(records.map(\.seed) == [1])
    }
  }

  @Test("a result whose reader has gone is not an error")
  func result() throws {
    try withFolder { folder in
      let study = try Program.run(Program.oneRun + ["--output", "s"], in: folder)
      let piped = try shell("PROGRAM | true", ["report", "s", "--json"], in: folder)
      let closed = try shell("PROGRAM >&-", ["report", "s"], in: folder)
      #expect(study.code == 0 && piped == 0 && closed == 0)
    }
  }

  @Test(
    "a closed terminal stops a run like SIGTERM, even if signalled twice; not under nohup")
  func hangUp() throws {
    try withFolder { folder in
      let study = ["study", "--tasks", "reverse", "--seeds", "1", "--device", "cpu"] + Program.shape
      let long = try Program(study + ["--max-steps", "1000000", "--output", "s"], in: folder)
      try long.waitFor("step 500")
      for _ in 0..<3 { long.send(SIGHUP) }
      let outcome = try long.wait()
      #expect(outcome.code == 130)
      #expect(outcome.error.contains("the same command continues"))
      let run = folder.appendingPathComponent("s/runs/reverse/seed-1")
      #expect(try contents(of: run)["training.safetensors"] != nil)

      let kept = try Program(
        study + ["--max-steps", "1200", "--output", "n"], in: folder,
        launcher: ["/bin/sh", "-c", "trap '' HUP; exec \"$0\" \"$@\""])
      try kept.waitFor("step 500")
      kept.send(SIGHUP)
      #expect(try kept.wait().code == 0)
    }
  }

  @Test("a file that exceeds the size limit is an error of one line")
  func fileSize() throws {
    try withFolder { folder in
      let outcome = try Program.run(
        ["train", "--output", "t"] + Program.tiny, in: folder,
        launcher: ["/bin/sh", "-c", "ulimit -f 8; exec \"$0\" \"$@\""])
      expectRefusal(outcome.withoutProgress, code: 1, "ile too large")
    }
  }
}
