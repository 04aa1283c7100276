import CPUDevice
import Compute
import Testing
import Transformer

@testable import Study

@Suite("A score that overflows during an analysis")
struct FiniteScoresTests {
  @Test(
    "is refused with its name and its component before ranking, under every protocol",
    arguments: [StudyProtocol.published, .paper, .rigorous])
  func overflow(rules: StudyProtocol) throws {
    var plan = RecordedTask.plan(.sort, rules: rules)
    plan.reduced = rules == .rigorous
    var stream = plan.stream(.initialisation)
    let layout = ParameterLayout(plan.model)
    var parameters = layout.initialParameters(from: &stream)
    for index in try #require(layout.unembedding).weight.range { parameters[index] *= 1e30 }
    let model = TrainedModel(
      checkpoint: Checkpoint(configuration: plan.model, parameters: parameters),
      dataStream: plan.stream(.trainingData), training: nil)
    let error = #expect(throws: StudyError.self) {
      _ = try Analysis(plan, on: CPUDevice(threads: 1)).analyse(model)
    }
    guard case .notFinite(let score, let component, let value) = error else {
      Issue.record("expected .notFinite, not \(String(describing: error))")
      return
    }
    #expect(score.contains("gradient score frobenius") && component == "L0_H0" && !value.isFinite)
  }

  @Test("is reported for the first component in order, whether infinity or NaN")
  func names() throws {
    let components = Component.all(of: ModelConfiguration(layers: 1, heads: 2))
    try requireFinite([1, -2, 0], of: components, "a score")
    for (values, name) in [
      ([1, .infinity, .nan], "L0_H1"), ([1, 2, -.infinity], "L0_MLP"), ([.nan, 1, 1], "L0_H0"),
    ]
      as [([Double], String)]
    {
      let error = #expect(throws: StudyError.self) { try requireFinite(values, of: components, "a score") }
      #expect(error?.description.hasPrefix("a score of \(name) is ") == true)
    }
  }
}
