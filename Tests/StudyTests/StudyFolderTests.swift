import CPUDevice
import Foundation
import Records
import ReferenceDevice
import Synchronization
import Tasks
import TestSupport
import Testing

@testable import Study

@Suite("A study's folder")
struct StudyFolderTests {
  private let plan = RecordedTask.plan(.reverse, maxSteps: 3)

  private func run(_ plans: [RunPlan], in folder: URL) throws -> [RunRecord] {
    try Study(plans, on: CPUDevice(threads: 1), in: folder).run()
  }

  @Test("finished runs are skipped, and new seeds and tasks are added to them")
  func joins() throws {
    try withFolder { folder in
      let first = try run([plan], in: folder)
      var (other, sort) = (plan, plan)
      other.seed = 1
      sort.task = .sort
      let all = try run([plan, other, sort], in: folder)
      #expect(all.map { "\($0.task) \($0.seed)" } == ["reverse 1", "reverse 7", "sort 7"])
      #expect(all[1] == first[0])
    }
  }

  @Test("the record of another seed, and the snapshot of another training of the run, are refused by name")
  func mixUps() throws {
    try withFolder { folder in
      var other = plan
      other.seed = 1
      _ = try run([plan, other], in: folder)
      let study = StudyFolder(folder)
      let record = study.record(task: "reverse", seed: 7)
      try Data(contentsOf: study.record(task: "reverse", seed: 1)).write(to: record)
      for read in [
        { try study.readRecords().count }, { try study.readRecord(task: "reverse", seed: 7)?.seed ?? 0 },
      ] {
        let error = #expect(throws: RecordError.self) { _ = try read() }
        #expect(
          error?.description.contains(
            "\(record.path) is the record of reverse, seed 1, in the folder of reverse, seed 7")
            == true)
      }
    }
    try withFolder { folder in
      var sort = plan
      (sort.task, sort.maxSteps) = (.sort, 20)
      #expect(throws: StudyError.self) {
        try Study([sort], on: CPUDevice(threads: 1), in: folder, supervisor: stopping(after: 25)).run()
      }
      let place = StudyFolder(folder).run(task: "sort", seed: 7)
      let second = place.appendingPathComponent("table6/training.safetensors")
      let first = place.appendingPathComponent("training.safetensors")
      try FileManager.default.moveItem(at: second, to: first)
      try FileManager.default.removeItem(at: place.appendingPathComponent("model.safetensors"))
      let error = #expect(throws: StudyError.self) { try run([sort], in: folder) }
      #expect(
        error?.description.contains("\(first.path) can't be used: it belongs to another training") == true)
      try FileManager.default.removeItem(at: first)
      _ = try run([sort], in: folder)
    }
  }

  @Test("what a killed study left of a finished run is removed, and old temporary files of its reports")
  func leftovers() throws {
    try withFolder { folder in
      var sort = plan
      sort.task = .sort
      _ = try run([sort], in: folder)
      let place = StudyFolder(folder).run(task: "sort", seed: 7)
      let tables = StudyFolder(folder).tables
      try StudyFolder.create(tables)
      let left = [
        place.appendingPathComponent("table6/training.safetensors"),
        place.appendingPathComponent(".run.json.3w5e11264sgsf.tmp"),
        tables.appendingPathComponent(".table1.csv.3w5e11264sgsf.tmp"),
      ]
      let young = tables.appendingPathComponent(".table2.csv.3w5e11264sgsf.tmp")
      for file in left + [young] { try Data("x".utf8).write(to: file) }
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSinceNow: -3600)], ofItemAtPath: left[2].path)
      _ = try run([sort], in: folder)
      for file in left { #expect(!FileManager.default.fileExists(atPath: file.path), "\(file.path)") }
      // Another process may be writing it.
      #expect(FileManager.default.fileExists(atPath: young.path))
    }
  }

  @Test("runs of another configuration, protocol or device are refused, also models not yet analysed")
  func others() throws {
    try withFolder { folder in
      let records = try run([plan], in: folder)
      var longer = plan
      longer.maxSteps += 1
      let paper = RecordedTask.plan(.reverse, maxSteps: 3, rules: .paper)
      func refused(_ plan: RunPlan, _ words: String) {
        #expect { _ = try run([plan], in: folder) } throws: { "\($0)".contains(words) }
      }
      refused(longer, "max_steps is 3, not 4")
      refused(paper, "protocol is published, not paper")
      #expect {
        _ = try Study([plan], on: ReferenceDevice(), in: folder).run()
      } throws: { "\($0)".contains("device is cpu, not reference") }

      let record = StudyFolder(folder).record(task: "reverse", seed: 7)
      try FileManager.default.removeItem(at: record)
      refused(longer, "max_steps is 3, not 4")
      #expect(try run([plan], in: folder).map(\.withoutTimings) == records.map(\.withoutTimings))
    }
  }

  @Test("a run stopped in its second training continues there and keeps its first")
  func secondTraining() throws {
    try withFolder { folder in
      let plan = RecordedTask.plan(.sort, maxSteps: 30)
      let inTable6 = Mutex(false)
      let supervisor = Supervisor(
        report: { progress in
          if case .trainingStarted(let names, _) = progress, names.contains(where: { $0.experiment != nil }) {
            inTable6.withLock { $0 = true }
          }
        }, shouldStop: { inTable6.withLock { $0 } })
      #expect(throws: StudyError.self) {
        try Study([plan], on: CPUDevice(threads: 1), in: folder, supervisor: supervisor).run()
      }
      let place = StudyFolder(folder).run(task: "sort", seed: 7)
      let model = try Data(contentsOf: place.appendingPathComponent("model.safetensors"))
      let snapshot = place.appendingPathComponent("table6/training.safetensors")
      #expect(FileManager.default.fileExists(atPath: snapshot.path))
      let records = try run([plan], in: folder)
      #expect(!FileManager.default.fileExists(atPath: snapshot.path))
      #expect(try Data(contentsOf: place.appendingPathComponent("model.safetensors")) == model)
      let straight = try withFolder { try run([plan], in: $0) }
      #expect(straight.map(\.withoutTimings) == records.map(\.withoutTimings))
    }
  }
}
