import CPUDevice
import Foundation
import Importance
import Records
import Statistics
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
      let (plan, model) = try model(study)
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

  private func model(_ study: StudyFolder) throws -> (RunPlan, TrainedModel) {
    let found = try FoundModel(checkpointAt: study.checkpoint(task: "reverse", seed: 7))
    var plan = RunPlan(task: .reverse, seed: 7, studyProtocol: .rigorous, model: ModelConfiguration())
    let model = found.model(for: plan)
    plan.adopt(model)
    return (plan, model)
  }

  /// Gives components effects on exact match that rank them in the opposite way to their gradients' norms, and other values of the norms divided
  /// by √N, so that the two scores have other classes.
  private func giveEffects(_ record: inout RunRecord) throws {
    var rigorous = try #require(record.rigorous)
    func gradient(_ score: String) throws -> Int {
      try #require(
        rigorous.gradients.firstIndex { $0.score == score && $0.distribution == "ood" })
    }
    let table = try #require(
      rigorous.causal.firstIndex { $0.method == "mean" && $0.effect == "exact_match" })
    let norms = rigorous.gradients[try gradient("frobenius")].values
    rigorous.causal[table].values = norms.map { -$0 }
    rigorous.gradients[try gradient("rms")].values = norms.reversed()
    record.rigorous = rigorous
  }

  @Test("have the classes of both norms, ablated together on samples that they were not chosen on")
  func classes() throws {
    try withFolder { folder in
      let study = try study(in: folder)
      // The model answers nothing, so that no component has an effect, and there is no class.
      let without = try #require(try measure(study).first?.classes)
      #expect(without.scores.map(\.score) == ["frobenius", "rms"])
      #expect(without.scores.flatMap(\.sets).isEmpty)
      var beside = try RunRecord.read(from: study.rigorous.record(task: "reverse", seed: 7))
      try giveEffects(&beside)
      let (plan, model) = try self.model(study)
      let record = try InteractionMeasurement(
        plan, on: CPUDevice(threads: 2), counts: .init(samples: 40, players: 3)
      ).measure(model, beside: beside)
      let rigorous = try #require(beside.rigorous)
      let classes = try #require(record.classes)
      #expect(classes.samples == rigorous.samples && classes.scores.map(\.score) == ["frobenius", "rms"])
      let causal = try #require(
        rigorous.causal.first { $0.method == "mean" && $0.effect == "exact_match" }?.values)
      let names = beside.components.map(\.name)
      for scored in classes.scores {
        let gradient = try #require(
          rigorous.gradients.first { $0.score == scored.score && $0.distribution == "ood" }?.values)
        let deltas = zip(try averageRanks(gradient), try averageRanks(causal)).map { $0 - $1 }
        let threshold = 0.3 * Double(names.count)
        for (name, isMember) in [
          ("all_heroes", { $0 <= -threshold }), ("all_bloats", { $0 >= threshold }),
        ] as [(String, (Double) -> Bool)] {
          let expected = names.indices.filter { isMember(deltas[$0]) }.map { names[$0] }
          let sets = scored.sets.filter { $0.name == name }
          #expect(sets.count == (expected.isEmpty ? 0 : 2))
          #expect(sets.allSatisfy { $0.components == expected })
        }
      }
      #expect(classes.scores[0].sets.map(\.components) != classes.scores[1].sets.map(\.components))
      let sets = classes.scores.flatMap(\.sets)
      let transformer = try plan.transformer(model, on: CPUDevice(threads: 1))
      let samples = RigorousSamples(plan: plan)
      let evaluation = CausalEvaluation(
        transformer, try samples.interactionPairs(record.length, count: classes.samples),
        means: try ComponentMeans(
          transformer, batches: samples.meanBatches(record.length...record.length)))
      for set in sets {
        let members = Component.all(of: plan.model).filter { set.components.contains($0.name) }
        let effect = try #require(Effect(rawValue: set.effect))
        let found = try #require(
          try evaluation.effects(of: [members] + members.map { [$0] }, [.mean])[.mean]
        ).effects.map { $0.mean(effect) }
        #expect(set.joint == found[0])
        #expect(abs(set.sumOfSingles - found.dropFirst().reduce(0, +)) <= 1e-12)
      }
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
