import Foundation
import TestSupport
import Testing

@Suite("Invalid requests are refused before any work")
struct UsageTests {
  @Test(
    "an unknown word is a usage error that names it",
    arguments: [
      (["dance"], "dance"), (["study", "--dance"], "--dance"), (["study", "--tasks", "dance"], "dance"),
      (["study", "--device", "dance"], "dance"), (["study", "--device", "opencl:x"], "opencl:x"),
      (["study", "--device", "cpu:x"], "cpu:x"), (["study", "--protocol", "dance"], "dance"),
      (["study", "--positions", "dance"], "dance"), (["study", "--seeds", "42,dance"], "dance"),
      (["study", "--seeds", "1e3"], "1e3"), (["study", "--seed-count", "dance"], "dance"),
      (["study", "--ensemble", "dance"], "dance"),
      (["study", "--layers", "dance"], "--layers must be a whole number, not 'dance'"),
      (["study", "--seeds", "-1"], "--seeds: seed -1 is out of range"),
      (["study", "--max-steps", "-5"], "--max-steps must be 0 to"),
      (["study", "--tasks", "Sort"], "did you mean 'sort'?"), (["study", "--tasks", ""], "--tasks is empty"),
      (["study", "--tasks", "sort,,copy"], "--tasks has an empty item"),
      (["study", "--output", ""], "--output is empty"),
      (["train", "--output", "o", "--seed", "x"], "--seed must be a whole number"),
      (["analyze", "m", "--output", "o", "--batch-size", "0"], "--batch-size must be 1 to"),
      (["help", "swoop"], "there is no verb 'swoop'"), (["help", "stduy"], "did you mean 'study'?"),
      (["bench", "--threads", "0"], "--threads must be 1 to 1024, not 0"),
      (["train", "--output", "o", "--task", "dance"], "dance"),
      (["train", "--output", "o", "--protocol", "dance"], "dance"),
      (["analyze", "m.safetensors", "--output", "o", "--task", "dance"], "dance"),
      (["validate", "--operations", "dance", "--device", "cpu"], "dance"),
      (["validate", "--device", "dance"], "dance"), (["train"], "--output"),
    ])
  func unknownWord(arguments: [String], word: String) throws {
    try withFolder { folder in
      let outcome = try Program.run(arguments, in: folder)
      #expect(outcome.code == 2)
      #expect(outcome.error.contains(word))
      #expect(outcome.output.isEmpty)
      #expect(try contents(of: folder).isEmpty)
    }
  }

  @Test(
    "invalid sizes and seeds are refused in one line, without a crash and without much memory",
    arguments: [
      ["--heads", "3"], ["--heads", "0"], ["--layers", "0"], ["--layers=-3"], ["--layers", "1000000000"],
      ["--d-model", "0"], ["--d-model=-128"], ["--d-model", "10000000"],
      ["--d-model", "9223372036854775807"],
      ["--d-ff", "0"], ["--d-ff", "1000000000000"], ["--batch-size", "0"], ["--batch-size=-1"],
      ["--batch-size", "1000000000"], ["--batch-size", "1000000"],
      ["--layers", "100", "--d-model", "2048", "--batch-size", "9999"],
      ["--layers", "10000000", "--d-model", "1", "--heads", "1", "--d-ff", "1"], ["--max-steps=-1"],
      ["--learning-rate", "0"], ["--learning-rate=-1"], ["--learning-rate", "nan"],
      ["--learning-rate", "inf"],
      ["--seeds", "4294967296"], ["--seeds=-1"], ["--seeds", "1,2,1"], ["--seeds", ""],
      ["--seeds", "1", "--seed-count", "2"], ["--seed-count", "0"], ["--seed-count", "100000000000"],
      ["--tasks", "sort,sort"], ["--tasks", ""], ["--ensemble", "0"], ["--ensemble", "100000"],
    ])
  func impossible(arguments: [String]) throws {
    try withFolder { folder in
      // A limit of 3 GB of addresses, so that larger requests fail.
      let outcome = try Program.run(
        ["study", "--device", "cpu"] + arguments, in: folder,
        launcher: ["/bin/sh", "-c", "ulimit -v 3000000; exec \"$0\" \"$@\""])
      expectRefusal(outcome, code: 2)
      #expect(try contents(of: folder).isEmpty)
    }
  }

  @Test("a validation of no operation is an error")
  func noOperation() throws {
    try withFolder { folder in
      expectRefusal(try Program.run(["validate", "--operations", ""], in: folder), code: 2, "--operations")
    }
  }

  @Test("help and the version are results, not failures")
  func help() throws {
    try withFolder { folder in
      for arguments in [["--help"], ["study", "--help"], ["--version"], []] {
        let outcome = try Program.run(arguments, in: folder)
        #expect(outcome.code == 0)
        #expect(outcome.output.contains("causalgap"))
        #expect(outcome.error.isEmpty)
      }
    }
  }
}
