import CPUDevice
import Foundation
import ReferenceDevice
import Records
import Study
import Synchronization
import TestSupport
import Testing

@testable import Sweep

@Suite("A worker of a sweep")
struct SweepWorkerTests {
  private func sweep(_ plan: SweepPlan, _ body: (SweepFolder) throws -> Void) throws {
    try withFolder { url in
      let folder = SweepFolder(url)
      _ = try folder.freeze(plan)
      try body(folder)
    }
  }

  @Test("computes every run, as a study of it does, and leaves neither locks nor states")
  func whole() throws {
    let plan = try tinyPlan(("layers", "1,2"))
    try sweep(plan) { folder in
      let outcome = try worker(folder, plan).work()
      #expect((outcome.done, outcome.failed) == (8, 0))
      let found = try records(folder, plan)
      #expect(found.count == 8)
      for run in plan.runs {
        let alone = try withFolder {
          try Study([plan.plan(of: run)], on: CPUDevice(threads: 1), in: $0).run()
        }
        #expect(found[run.description] == alone.first?.withoutTimings)
        let names = try FileManager.default.contentsOfDirectory(atPath: place(run, folder, plan).path)
        #expect(Set(names) == ["run.json", "train.csv", "train.json", "model.safetensors"])
      }
      #expect(try SweepScan(folder, plan).reports(plan.runs).isEmpty)
      #expect(try worker(folder, plan).work().done == 0)
      #expect(try events(folder).filter { $0.event == .done }.count == 8)
    }
  }

  @Test("shares the runs with another at the same time; none is computed twice")
  func two() throws {
    let plan = try tinyPlan(seeds: "1-6")
    try sweep(plan) { folder in
      let done = Mutex<[Int]>([])
      DispatchQueue.concurrentPerform(iterations: 2) { _ in
        let count = (try? worker(folder, plan).work().done) ?? -100
        done.withLock { $0.append(count) }
      }
      #expect(done.withLock { $0.reduce(0, +) } == 12)
      let claimed = try events(folder).filter { $0.event == .claimed }.compactMap(\.run)
      #expect(claimed.count == 12 && Set(claimed).count == 12)
      #expect(try records(folder, plan).count == 12)
    }
  }

  @Test("leaves a run to the study that works on it")
  func study() throws {
    let plan = try tinyPlan()
    try sweep(plan) { folder in
      let run = plan.runs[1]
      guard case .taken(let claim) = try RunClaim.take(place(run, folder, plan)) else {
        Issue.record("the run can't be taken")
        return
      }
      try withExtendedLifetime(claim) {
        #expect(try worker(folder, plan).work().done == 3)
        let reports = try SweepScan(folder, plan).reports(plan.runs)
        #expect(reports.map(\.run) == [run.description] && reports.map(\.status) == [.running])
        let error = #expect(throws: StudyError.self) {
          try Study([plan.plan(of: run)], on: CPUDevice(threads: 1), in: folder.study(of: run, in: plan).url)
            .run()
        }
        guard case .busy? = error else {
          Issue.record("expected .busy, not \(error.map { "\($0)" } ?? "nothing")")
          return
        }
      }
    }
  }

  @Test("stopped and continued, gives the records of a sweep that was never stopped", arguments: [1, 3])
  func interrupted(ensemble: Int) throws {
    let plan = try tinyPlan(seeds: "1-3")
    var whole: [String: RunRecord] = [:]
    try sweep(plan) { folder in
      _ = try worker(folder, plan).work()
      whole = try records(folder, plan)
    }
    try sweep(plan) { folder in
      for steps in [7, 25, 60] {
        let left = Mutex(steps)
        let supervisor = Supervisor(shouldStop: {
          left.withLock { left in
            left -= 1; return left < 0
          }
        })
        #expect(throws: StudyError.self) {
          try worker(folder, plan, ensemble: .fixed(ensemble), supervisor: supervisor).work()
        }
        let reports = try SweepScan(folder, plan).reports(plan.runs)
        #expect(reports.allSatisfy { $0.status == .interrupted || $0.status == .pending })
      }
      _ = try worker(folder, plan, ensemble: .fixed(ensemble)).work()
      #expect(try records(folder, plan) == whole)
    }
  }

  @Test("goes on after a run that fails, says why, and leaves it until it is asked for again")
  func failed() throws {
    let plan = try tinyPlan(seeds: "1-2", ("learning_rate", "1e-3,1e30"))
    try sweep(plan) { folder in
      let outcome = try worker(folder, plan, ensemble: .fixed(4)).work()
      #expect((outcome.done, outcome.failed) == (4, 4))
      let reports = try SweepScan(folder, plan).reports(plan.runs)
      #expect(reports.count == 4 && reports.allSatisfy { $0.status == .failed && $0.run.contains("1e+30") })
      #expect(reports.allSatisfy { $0.cause?.isEmpty == false })
      #expect(try worker(folder, plan).work().failed == 0)
    }
  }

  @Test("told to fail fast, ends at the first failure")
  func failsFast() throws {
    let plan = try tinyPlan(seeds: "1-4", ("learning_rate", "1e30,1e-3"))
    try sweep(plan) { folder in
      let outcome = try worker(folder, plan, failsFast: true).work()
      #expect((outcome.done, outcome.failed) == (0, 1))
    }
  }

  @Test("a damaged file fails its own run alone")
  func damaged() throws {
    let plan = try tinyPlan(seeds: "1-2")
    try sweep(plan) { folder in
      let place = place(plan.runs[2], folder, plan)
      try StudyFolder.create(place)
      try Data("garbage".utf8).write(to: place.appendingPathComponent("training.safetensors"))
      let outcome = try worker(folder, plan, ensemble: .fixed(4)).work()
      #expect((outcome.done, outcome.failed) == (3, 1))
      let report = try #require(try SweepScan(folder, plan).reports(plan.runs).first)
      #expect(report.run == plan.runs[2].description)
      #expect(report.cause?.contains("training.safetensors") == true)
    }
  }

  @Test("takes up a run whose worker has ended without a word, up to three times")
  func lost() throws {
    let plan = try tinyPlan()
    try sweep(plan) { folder in
      let place = place(plan.runs[0], folder, plan)
      func leave(losses: Int) throws {
        try StudyFolder.create(place)
        try RunState(
          phase: .running, worker: "elsewhere:1", device: "cpu", log: "gone.log", attempts: losses + 1,
          losses: losses
        ).write(in: place)
      }
      try leave(losses: 2)
      #expect(try SweepScan(folder, plan).reports(plan.runs).first?.status == .lost)
      #expect(try worker(folder, plan).work().done == 3)
      let report = try #require(try SweepScan(folder, plan).reports(plan.runs).first)
      #expect(report.status == .lost && report.cause?.contains("3 workers") == true)
      #expect(try events(folder).contains { $0.event == .lost && $0.run == plan.runs[0].description })
      try leave(losses: 0)
      #expect(try worker(folder, plan).work().done == 1)
    }
  }

  @Test("a run whose folder is a file fails, and the others are done")
  func noFolder() throws {
    let plan = try tinyPlan(seeds: "1-2")
    try sweep(plan) { folder in
      let place = place(plan.runs[1], folder, plan)
      try StudyFolder.create(place.deletingLastPathComponent())
      try Data().write(to: place)
      let outcome = try worker(folder, plan).work()
      #expect((outcome.done, outcome.failed) == (3, 1))
      #expect(try events(folder).filter { $0.event == .failed }.map(\.run) == [plan.runs[1].description])
    }
  }

  @Test("tries a run that has cost a worker alone, and those around it together")
  func alone() throws {
    let plan = try tinyPlan(seeds: "1-4")
    try sweep(plan) { folder in
      let lost = place(plan.runs[3], folder, plan)
      try StudyFolder.create(lost)
      try RunState(
        phase: .lost, worker: "elsewhere:1", device: "cpu", log: "gone.log", attempts: 1, losses: 1
      ).write(in: lost)
      let groups = Mutex<[Int]>([])
      let supervisor = Supervisor(report: { progress in
        if case .trainingStarted(let names, _) = progress { groups.withLock { $0.append(names.count) } }
      })
      let outcome = try worker(folder, plan, ensemble: .fixed(8), supervisor: supervisor).work()
      #expect(outcome.done == 8)
      #expect(groups.withLock { $0 } == [3, 1, 4])
    }
  }

  @Test("begins a run again that another device has begun, as its bits differ")
  func otherDevice() throws {
    let plan = try tinyPlan(seeds: "1")
    try sweep(plan) { folder in
      let left = Mutex(10)
      #expect(throws: StudyError.self) {
        let reference = SweepWorker(
          folder, plan, plan.runs, on: ReferenceDevice(), keeping: .models, failsFast: false, ensemble: .auto,
          log: "worker.log",
          supervisor: Supervisor(shouldStop: {
            left.withLock { left in
              left -= 1; return left < 0
            }
          }))
        return try reference.work()
      }
      #expect(try worker(folder, plan).work().done == 2)
      #expect(try events(folder).filter { $0.event == .restarted }.map(\.device) == ["cpu"])
      #expect(try records(folder, plan).values.allSatisfy { $0.device.selector == "cpu" })
      let whole = try withFolder { url in
        _ = try SweepFolder(url).freeze(plan)
        _ = try worker(SweepFolder(url), plan).work()
        return try records(SweepFolder(url), plan)
      }
      #expect(try records(folder, plan) == whole)
    }
  }

  @Test("told to keep nothing, leaves records alone")
  func keepsNothing() throws {
    let plan = try tinyPlan(("protocol", "published"), ("tasks", "sort"))
    try sweep(plan) { folder in
      _ = try worker(folder, plan, keeping: .none).work()
      for run in plan.runs {
        let names = try FileManager.default.contentsOfDirectory(atPath: place(run, folder, plan).path)
        #expect(names == ["run.json"])
      }
    }
  }
}

@Suite("The events of a sweep")
struct EventLogTests {
  @Test("of several writers stand on a line each, also behind a line that was left unfinished")
  func lines() throws {
    try withFolder { url in
      let folder = SweepFolder(url)
      try Data("{\"event\": \"do".utf8).write(to: folder.events)
      DispatchQueue.concurrentPerform(iterations: 8) { writer in
        let log = EventLog(folder, device: "device \(writer)")
        for count in 0..<50 { log.add(.done, run: "run \(count)", seconds: 1.5) }
      }
      let lines = try String(contentsOf: folder.events, encoding: .utf8).split(separator: "\n")
      #expect(lines.count == 401)
      let events = lines.dropFirst().compactMap {
        try? JSONDecoder().decode(SweepEvent.self, from: Data($0.utf8))
      }
      #expect(events.count == 400)
      #expect(Set(events.map { "\($0.device ?? "") \($0.run ?? "")" }).count == 400)
    }
  }
}
