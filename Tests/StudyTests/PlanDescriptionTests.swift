import Foundation
import Tasks
import Testing
import Transformer

@testable import Study

@Suite("The written description of a plan")
struct PlanDescriptionTests {
  private func description(_ change: (inout PlanDescription) -> Void = { _ in }) -> PlanDescription {
    var description = PlanDescription(
      task: "copy", seed: 7,
      settings: RunSettings(
        protocolName: "rigorous",
        model: .init(ModelConfiguration(layers: 3, heads: 2, dModel: 32, dMLP: 48, positions: .rotary)),
        batchSize: 5, maxSteps: 60, learningRate: 0.003, quick: true, reduced: true))
    change(&description)
    return description
  }

  @Test("converts to a plan and back without a change")
  func roundTrip() throws {
    let written = description()
    let data = try JSONEncoder().encode(written)
    #expect(try JSONDecoder().decode(PlanDescription.self, from: data) == written)
    let plan = try RunPlan(written)
    #expect(plan.description == written)
    #expect((plan.task.name, plan.seed, plan.studyProtocol.name) == ("copy", 7, "rigorous"))
    #expect(plan.model == ModelConfiguration(layers: 3, heads: 2, dModel: 32, dMLP: 48, positions: .rotary))
    #expect((plan.batchSize, plan.maxSteps, plan.learningRate) == (5, 60, 0.003))
    #expect(plan.quick && plan.reduced)
    #expect(plan.task.target([3, 1, 2]) == [3, 1, 2])
    for rules in StudyProtocol.all {
      let plan = RunPlan(task: .sort, seed: 1, studyProtocol: rules, model: .init(positions: rules.positions))
      let again = try RunPlan(plan.description)
      #expect(again.studyProtocol == rules && again.recordConfiguration == plan.recordConfiguration)
    }
  }

  @Test("has the keys of a record's configuration")
  func keys() throws {
    let text = String(decoding: try JSONEncoder().encode(description()), as: UTF8.self)
    for key in ["task", "seed", "protocol", "d_model", "d_ff", "batch_size", "max_steps", "learning_rate"] {
      #expect(text.contains("\"\(key)\":"), "\(key)")
    }
  }

  @Test("is refused for unknown names when the plan is made")
  func unknown() {
    #expect(throws: UnknownTask.self) { try RunPlan(description { $0.task = "dance" }) }
    #expect(throws: StudyError.self) { try RunPlan(description { $0.settings.protocolName = "dance" }) }
  }
}
