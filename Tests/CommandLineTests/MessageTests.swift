import Foundation
import Records
import TestSupport
import Testing

@Suite("How much is said on the error stream")
struct MessageTests {
  @Test("with --quiet nothing but errors, and the same result")
  func quiet() throws {
    try withFolder { folder in
      let loud = try Program.run(Program.oneRun + ["--output", "loud"], in: folder)
      let quiet = try Program.run(Program.oneRun + ["--output", "quiet", "--quiet"], in: folder)
      #expect(quiet.code == 0 && quiet.error.isEmpty && !loud.error.isEmpty)
      #expect(quiet.output == loud.output.replacing("loud", with: "quiet"))
      let train = ["train", "--task", "sort", "--max-steps", "0", "--output", "t", "--device", "auto"]
      #expect(try Program.run(train + ["--quiet"] + Program.shape, in: folder).error.isEmpty)
      let failed = try Program.run(["report", "nowhere", "--quiet"], in: folder)
      #expect(failed.code == 1 && failed.errorLines.count == 1)
      #expect(failed.error.hasPrefix("causalgap: ") && failed.error.contains("no such folder"))
    }
  }

  @Test(
    "with --quiet it is still said that a report could not be written",
    .enabled(if: ReadOnly.isPossible, "needs the right to mount, or not to be root"))
  func unwritable() throws {
    try withFolder { folder in
      #expect(try Program.run(Program.oneRun + ["--output", "study"], in: folder).code == 0)
      let study = folder.appendingPathComponent("study")
      try FileManager.default.removeItem(at: study.appendingPathComponent("summary.json"))
      try ReadOnly.during(study) {
        let report = try Program.run(["report", "study", "--quiet"], in: folder)
        #expect(report.code == 0 && report.error.hasPrefix("report: nothing was written: "))
      }
    }
  }

  @Test("with --verbose the device, the times of phases and the whole are told, and the result is the same")
  func verbose() throws {
    try withFolder { folder in
      let outcome = try Program.run(Program.oneRun + ["--output", "study", "--verbose"], in: folder)
      #expect(outcome.code == 0)
      for words in [
        "causalgap 0.1.0, process ", "device: cpu: ", "sort, seed 1: training took ", "report: 1 record of ",
        "writing 0.", "MiB of memory",
      ] { #expect(outcome.error.contains(words), "\(words): \(outcome.error)") }
      let again = try Program.run(["report", "study", "--verbose"], in: folder)
      #expect(again.error.contains("since its last report, which is kept"))
      #expect(again.output == outcome.output)
      let plain = try Program.run(["report", "study"], in: folder)
      #expect(plain.error.isEmpty && plain.output == outcome.output)
    }
  }

  @Test("every verb takes both flags, and not together")
  func everywhere() throws {
    let verbs = [
      "study", "train", "analyze", "inspect", "validate", "bench", "devices", "tune", "report", "decompose",
      "interactions", "plan-size",
      "sweep plan", "sweep run", "sweep submit", "sweep status", "sweep merge",
    ]
    try withFolder { folder in
      for verb in verbs {
        let words = verb.split(separator: " ").map(String.init)
        let help = try Program.run(["help"] + words, in: folder).output
        #expect(help.contains("--quiet") && help.contains("--verbose"), "\(verb)")
      }
      let both = try Program.run(["devices", "--quiet", "--verbose"], in: folder)
      expectRefusal(both, code: 2, "exclude each other")
    }
  }
}
