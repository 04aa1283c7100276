import Foundation
import Records
import TestSupport
import Testing

@Suite("causalgap sweep", .serialized)
struct SweepTests {
  private static let plan =
    ["sweep", "plan", "--tasks", "reverse,copy", "--protocol", "paper", "--learning-rate", "1e-3,2e-3"]
    + Program.shape

  private func plan(_ folder: URL, seeds: String, steps: String, _ more: [String] = []) throws {
    let outcome = try Program.run(
      Self.plan + ["--seeds", seeds, "--max-steps", steps, "--output", "sweep"] + more, in: folder)
    #expect(outcome.code == 0, "\(outcome.error)")
  }

  /// The records of a sweep by their place, without what differs between two computations of one run.
  private func records(_ folder: URL) throws -> [String: RunRecord] {
    let studies = folder.appendingPathComponent("studies")
    var records: [String: RunRecord] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: studies.path) {
      for record in try StudyFolder(studies.appendingPathComponent(name)).readRecords() {
        records["\(name)/\(record.task)/\(record.seed)"] = record.withoutTimings
      }
    }
    return records
  }

  @Test("plans, runs on as many workers as are fastest, says how it stands and merges")
  func whole() throws {
    try withFolder { folder in
      try plan(folder, seeds: "1-3", steps: "20")
      let before = try Program.run(["sweep", "status", "sweep"], in: folder)
      #expect(before.output.hasPrefix("12 runs: 0 done, 12 pending"))
      let ran = try Program.run(["sweep", "run", "sweep", "--devices", "cpu"], in: folder)
      #expect(ran.code == 0 && ran.output.hasPrefix("12 runs: 12 done"), "\(ran.error)")
      let merged = try Program.run(["sweep", "merge", "sweep"], in: folder)
      #expect(merged.code == 0 && merged.output.contains("learning_rate"), "\(merged.error)")
      let place = folder.appendingPathComponent("sweep")
      #expect(try records(place).count == 12)
      for file in ["summary.json", "tables/across.csv", "status.json", "events.jsonl"] {
        #expect(FileManager.default.fileExists(atPath: place.appendingPathComponent(file).path), "\(file)")
      }
      // A study of one of the settings gives the same records.
      let study = try Program.run(
        [
          "study", "--tasks", "copy", "--protocol", "paper", "--learning-rate", "2e-3", "--seeds", "2",
          "--max-steps", "20",
          "--device", "cpu", "--output", "study",
        ] + Program.shape, in: folder)
      #expect(study.code == 0, "\(study.error)")
      let alone = try StudyFolder(folder.appendingPathComponent("study")).readRecords()
      let own = try records(place).filter {
        $0.key.contains("learning_rate=0.002") && $0.key.hasSuffix("copy/2")
      }
      #expect(alone.map(\.withoutTimings) == Array(own.values))
    }
  }

  @Test("a worker that is killed costs nothing but its time")
  func killed() throws {
    try withFolder { folder in
      try plan(folder, seeds: "1-2", steps: "1500")
      let sweep = try Program(["sweep", "run", "sweep", "--devices", "cpu", "--threads", "1"], in: folder)
      let events = folder.appendingPathComponent("sweep/events.jsonl")
      func text() -> String { (try? String(contentsOf: events, encoding: .utf8)) ?? "" }
      for _ in 0..<60_000 where !text().contains("\"claimed\"") { usleep(5_000) }
      let worker = try #require(
        text().split(separator: "\n").first { $0.contains("\"claimed\"") }?.split(separator: "\"").last {
          $0.contains(":") && !$0.hasPrefix(":")
        })
      let process = try #require(Int32(worker.split(separator: ":").last ?? ""))
      kill(process, SIGKILL)
      let outcome = try sweep.wait()
      #expect(outcome.code == 0, "\(outcome.error)")
      #expect(outcome.error.contains("killed by signal 9"))
      #expect(text().contains("\"lost\""))
      try plan(folder, seeds: "1-2", steps: "1500", ["--output", "whole"])
      #expect(try Program.run(["sweep", "run", "whole", "--devices", "cpu"], in: folder).code == 0)
      #expect(
        try records(folder.appendingPathComponent("sweep")) == records(folder.appendingPathComponent("whole"))
      )
    }
  }

  @Test(
    "SIGTERM and SIGHUP end all workers within ten seconds, and the same command continues",
    arguments: [SIGTERM, SIGHUP])
  func terminated(signal: Int32) throws {
    try withFolder { folder in
      try plan(folder, seeds: "1-2", steps: "3000")
      let sweep = try Program(["sweep", "run", "sweep", "--devices", "cpu", "--json"], in: folder)
      let events = folder.appendingPathComponent("sweep/events.jsonl")
      for _ in 0..<12_000
      where (try? String(contentsOf: events, encoding: .utf8))?.contains("\"claimed\"") != true {
        usleep(5_000)
      }
      // The first look at the workers may have been before they had anything to say.
      let statusFile = folder.appendingPathComponent("sweep/status.json")
      for _ in 0..<12_000
      where (try? String(contentsOf: statusFile, encoding: .utf8))?.contains("\"title\"") != true {
        usleep(5_000)
      }
      #expect(try String(contentsOf: statusFile, encoding: .utf8).contains("\"title\" : \"copy, seed "))
      let began = Date()
      sweep.send(signal)
      let outcome = try sweep.wait()
      #expect(outcome.code == 130, "\(outcome.error)")
      #expect(outcome.output.contains("\"interrupted\" : "), "\(outcome.output)")
      #expect(Date().timeIntervalSince(began) < 10)
      let status = try Program.run(["sweep", "status", "sweep"], in: folder)
      #expect(status.output.contains("interrupted") && !status.output.contains("lost"), "\(status.output)")
      #expect(try Program.run(["sweep", "run", "sweep", "--devices", "cpu"], in: folder).code == 0)
    }
  }

  @Test("a rehearsed preemption changes no record")
  func preempted() throws {
    try withFolder { folder in
      for name in ["rehearsed", "whole"] {
        try plan(folder, seeds: "1", steps: "1200", ["--output", name])
        let outcome = try Program.run(
          ["sweep", "run", name, "--devices", "cpu"]
            + (name == "whole" ? [] : ["--simulate-preempt", "0.4"]), in: folder)
        #expect(outcome.code == 0, "\(outcome.error)")
      }
      #expect(
        try records(folder.appendingPathComponent("rehearsed"))
          == records(folder.appendingPathComponent("whole")))
    }
  }

  @Test("runs that fail are named with their cause, and the exit code says so")
  func failed() throws {
    try withFolder { folder in
      try plan(folder, seeds: "1", steps: "20", ["--learning-rate", "1e-3,1e30"])
      let outcome = try Program.run(["sweep", "run", "sweep", "--devices", "cpu"], in: folder)
      #expect(outcome.code == 1)
      #expect(outcome.error.contains("no record for 2 of 4 runs") && outcome.error.contains("--retry"))
      let status = try Program.run(["sweep", "status", "sweep"], in: folder)
      #expect(status.output.contains("1e+30/copy/seed-1: failed"), "\(status.output)")
      let again = try Program.run(
        ["sweep", "run", "sweep", "--devices", "cpu", "--retry", "failed"], in: folder)
      #expect(again.code == 1)
      let events = try String(
        contentsOf: folder.appendingPathComponent("sweep/events.jsonl"), encoding: .utf8)
      #expect(events.split(separator: "\n").count { $0.contains("\"retried\"") } == 2)
    }
  }

  @Test("what makes no sense is refused in one line")
  func refused() throws {
    try withFolder { folder in
      try plan(folder, seeds: "1", steps: "20")
      for (arguments, words) in [
        (["run", "nowhere"], "plan.json"), (["run", "sweep", "--devices", "gpu"], "gpu"),
        (["run", "sweep", "--devices", "cpu,cpu"], "twice"), (["run", "sweep", "--devices", ""], "empty"),
        (["run", "sweep", "--shard", "3/2"], "--shard"), (["run", "sweep", "--keep", "all"], "--keep"),
        (["run", "sweep", "--retry", "done"], "--retry"),
        (["run", "sweep", "--simulate-preempt", "0"], "positive"),
        (["run", "sweep", "--threads", "0"], "threads"), (["merge", "sweep"], "no finished run"),
        (["work", "sweep", "{}"], "sweep run"),
        (["submit", "sweep", "--time-limit", "soon"], "--time-limit"),
        (["submit", "sweep", "--runs-per-task", "0"], "--runs-per-task"),
      ] {
        let outcome = try Program.run(["sweep"] + arguments, in: folder)
        #expect(outcome.code == 1 || outcome.code == 2, "\(arguments)")
        #expect(
          outcome.complaints.count == 1 && outcome.error.contains(words), "\(arguments): \(outcome.error)")
      }
      let conflict = try Program.run(
        Self.plan + ["--seeds", "2", "--max-steps", "20", "--output", "sweep"], in: folder)
      #expect(conflict.code == 2 && conflict.error.contains("seed-1"), "\(conflict.error)")
    }
  }
}
