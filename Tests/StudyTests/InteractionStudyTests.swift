import CPUDevice
import Foundation
import Importance
import Records
import Tasks
import TestSupport
import Testing
import Transformer

@testable import Study

@Suite("The interactions of a study's models") struct InteractionStudyTests {
  /// A study of one model with rigorous measures beside its own.
  private func study(in folder: URL) throws -> StudyFolder {
    var plan = RecordedTask.plan(.reverse, layers: 2, maxSteps: 3)
    (plan.quick, plan.rigorousMeasures) = (true, true)
    _ = try Study([plan], on: CPUDevice(threads: 1), in: folder).run()
    return StudyFolder(folder)
  }

  private func measure(_ folder: StudyFolder, threads: Int = 2) throws -> [InteractionRecord] {
    let study = try InteractionStudy(folder, samples: 40, players: 3)
    try study.measure(study.pending(), on: CPUDevice(threads: threads), supervisor: Supervisor())
    return try study.collect()
  }

  @Test("are the effects of every coalition, beside the rigorous record, and are not measured twice")
  func measured() throws {
    try withFolder { folder in
      let study = try study(in: folder)
      let record = try #require(try measure(study).first)
      #expect(record.games.map(\.name) == ["strongest", "layer_0", "layer_1"])
      #expect(record.games[0].players.count == 3 && record.games[0].worths[0].first.count == 8)
      #expect(record.samples == 40 && record.interpolation.primary.count == 1)
      let file = study.rigorous.interactions(task: "reverse", seed: 7)
      let bytes = try Data(contentsOf: file)
      #expect(try InteractionStudy(study).pending().isEmpty)
      // The folder of rigorous measures by itself finds the models around it.
      #expect(try InteractionStudy(study.rigorous).collect() == [record])
      // The bits do not depend on the number of threads.
      try FileManager.default.removeItem(at: file)
      var again = try #require(try measure(study, threads: 1).first)
      again.seconds = record.seconds
      #expect(again == record && bytes.count > 1000)
    }
  }

  @Test("of a single component are those of an evaluation of it alone")
  func single() throws {
    try withFolder { folder in
      let study = try study(in: folder)
      let record = try #require(try measure(study).first)
      let game = record.games[1]
      let found = try FoundModel(checkpointAt: study.checkpoint(task: "reverse", seed: 7))
      var plan = RunPlan(task: .reverse, seed: 7, studyProtocol: .rigorous, model: ModelConfiguration())
      let model = found.model(for: plan)
      plan.adopt(model)
      let transformer = try plan.transformer(model, on: CPUDevice(threads: 1))
      let samples = RigorousSamples(plan: plan)
      let evaluation = CausalEvaluation(
        transformer, try samples.interactionPairs(record.length, count: 40),
        means: try ComponentMeans(
          transformer, batches: samples.meanBatches(record.length...record.length)))
      let component = try #require(Component.all(of: plan.model).first { $0.name == game.players[1] })
      let effects = try #require(try evaluation.effects(of: [[component]], [.mean])[.mean]).effects[0]
      let worths = try #require(game.worths.first { $0.effect == "log_probability" })
      #expect(worths.first[0] == 0 && worths.first[2] == effects.mean(.logProbability, of: 0..<20))
      #expect(worths.second[2] == effects.mean(.logProbability, of: 20..<40))
    }
  }

  @Test("are refused with other numbers than before, of a damaged file, without models or rigorous records")
  func refused() throws {
    try withFolder { folder in
      let study = try study(in: folder)
      _ = try measure(study)
      #expect(throws: StudyError.self) {
        try InteractionStudy(study, samples: 50).pending()
      }
      let file = study.rigorous.interactions(task: "reverse", seed: 7)
      var text = try String(contentsOf: file, encoding: .utf8)
      text.replace("\"length\"", with: "\"lenght\"")
      try Data(text.utf8).write(to: file)
      #expect(throws: RecordError.self) { try InteractionStudy(study).pending() }
      try FileManager.default.removeItem(at: file)
      try FileManager.default.removeItem(at: study.checkpoint(task: "reverse", seed: 7))
      #expect(throws: RecordError.self) { try measure(study) }
    }
    try withFolder { folder in
      let plan = RecordedTask.plan(.reverse, layers: 2, maxSteps: 3)
      _ = try Study([plan], on: CPUDevice(threads: 1), in: folder).run()
      #expect(throws: RecordError.self) { try InteractionStudy(StudyFolder(folder)) }
    }
  }
}
