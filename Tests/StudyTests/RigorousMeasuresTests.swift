import CPUDevice
import Foundation
import Records
import Tasks
import TestSupport
import Testing

@testable import Study

@Suite("The rigorous measures of models trained by another protocol")
struct RigorousMeasuresTests {
  private static func plan(_ task: IntegerTask = .reverse, rigorously: Bool) -> RunPlan {
    var plan = RecordedTask.plan(task, layers: 2, maxSteps: 3)
    plan.quick = true
    plan.rigorousMeasures = rigorously
    return plan
  }

  private func run(
    _ plan: RunPlan, in folder: URL, supervisor: Supervisor = Supervisor()
  ) throws -> RunRecord {
    try #require(
      try Study([plan], on: CPUDevice(threads: 1), in: folder, supervisor: supervisor).run().first)
  }

  @Test("are a record of their own, which changes nothing of the protocol's")
  func beside() throws {
    let alone = try withFolder { try run(Self.plan(rigorously: false), in: $0) }
    try withFolder { folder in
      let own = try run(Self.plan(rigorously: true), in: folder)
      #expect(own.withoutTimings == alone.withoutTimings)
      let further = try #require(try StudyFolder(folder).rigorous.readRecord(task: "reverse", seed: 7))
      #expect(further.protocolName == "rigorous" && further.rigorous != nil)
      #expect(further.ood.length == own.ood.length && further.ood.inWindow == own.ood.inWindow)
      #expect(further.training == own.training)
      #expect(further.notes.contains { $0.hasPrefix("trained under the protocol published") })
    }
  }

  @Test("are those of an analysis of the checkpoint at that length")
  func asAnalysed() throws {
    try withFolder { folder in
      _ = try run(Self.plan(rigorously: true), in: folder)
      let study = StudyFolder(folder)
      let further = try #require(try study.rigorous.readRecord(task: "reverse", seed: 7))
      var plan = try #require(Self.plan(rigorously: true).rigorous)
      let found = try FoundModel(checkpointAt: study.checkpoint(task: "reverse", seed: 7))
      let model = found.model(for: plan)
      plan.adopt(model)
      let analysed = try RigorousAnalysis(plan, on: CPUDevice(threads: 2), supervisor: Supervisor())
        .analyse(model, at: further.ood)
      #expect(analysed.rigorous == further.rigorous && analysed.pruning == further.pruning)
    }
  }

  @Test("are added to a finished study, whose record and second training stay as they are")
  func added() throws {
    try withFolder { folder in
      let (study, sort) = (StudyFolder(folder), IntegerTask.sort)
      let own = try run(Self.plan(sort, rigorously: false), in: folder)
      #expect(own.table6 != nil)
      let before = try Data(contentsOf: study.record(task: "sort", seed: 7))
      #expect(StudyRun(Self.plan(sort, rigorously: true), in: study).trainingCount == 1)
      let supervisor = Supervisor(report: {
        if case .trainingStarted = $0 { Issue.record("a training was started") }
      })
      _ = try run(Self.plan(sort, rigorously: true), in: folder, supervisor: supervisor)
      #expect(try Data(contentsOf: study.record(task: "sort", seed: 7)) == before)
      let added = try #require(try study.rigorous.readRecord(task: "sort", seed: 7)).withoutTimings
      try withFolder { folder in
        _ = try run(Self.plan(sort, rigorously: true), in: folder)
        let once = try StudyFolder(folder).rigorous.readRecord(task: "sort", seed: 7)
        #expect(once?.withoutTimings == added)
      }
      // And then there is nothing left to do.
      #expect(
        try Study([Self.plan(sort, rigorously: true)], on: CPUDevice(threads: 1), in: folder).pending()
          .isEmpty)
    }
  }

  @Test("are refused where the protocol has them, and where the folder's have other counts")
  func refused() throws {
    var plan = RecordedTask.plan(.sort, rules: .rigorous)
    plan.rigorousMeasures = true
    let refusal = #expect(throws: StudyError.self) { try plan.validate() }
    #expect(refusal?.description.contains("leave out --rigorous-measures") == true)
    try withFolder { folder in
      _ = try run(Self.plan(rigorously: true), in: folder)
      let file = StudyFolder(folder).rigorous.record(task: "reverse", seed: 7)
      var record = try RunRecord.read(from: file)
      record.configuration.accuracySamples += 1
      try FileManager.default.removeItem(at: file)
      try record.write(to: file)
      let error = #expect(throws: StudyError.self) { try run(Self.plan(rigorously: true), in: folder) }
      #expect(error?.description.contains("accuracy_samples") == true)
    }
  }
}
