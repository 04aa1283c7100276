import CPUDevice
import Records
import Tasks
import TestSupport
import Testing

@testable import Study

@Suite("A model whose ablations all cost the same")
struct UntrainedModelTests {
  /// The records of a model trained for no steps, which answers no sample right.
  private func record(_ rules: StudyProtocol) throws -> RunRecord {
    var plan = RecordedTask.plan(.sort, layers: 2, maxSteps: 0, rules: rules)
    plan.quick = true
    return try withFolder { folder in
      try #require(try Study([plan], on: CPUDevice(threads: 2), in: folder).run().first)
    }
  }

  @Test(
    "has no rho, no classes and no pruning under any protocol", arguments: StudyProtocol.all.map(\.name))
  func classes(name: String) throws {
    let record = try record(StudyProtocol.named(name))
    try #require(record.components.allSatisfy { $0.causal.values.allSatisfy { $0 == 0 } })
    #expect(record.rho == nil && record.rhoReason != nil)
    #expect(record.heroes.isEmpty && record.bloats.isEmpty)
    #expect(record.measures.values.allSatisfy { $0.rho == nil && $0.heroes.isEmpty && $0.bloats.isEmpty })
    #expect(
      record.components.allSatisfy { component in
        component.componentClass == .neutral
          && component.measures.values.allSatisfy { $0.componentClass == .neutral }
      })
    let pruning = try #require(record.pruning)
    #expect(pruning.pruneHeroes == nil && pruning.pruneBloats == nil)
    #expect(record.withDefinedClasses == record)
    if let rigorous = record.rigorous {
      #expect(rigorous.classConfidence.isEmpty && rigorous.redundancy.sets.isEmpty)
      // A ranking by a score that is equal everywhere would be the order of the components' names.
      let exact = rigorous.faithfulness.filter { $0.ranking == "exact" && $0.effect == "exact_match" }
      #expect(exact.count == 1 && exact.allSatisfy { $0.values == nil && $0.cpr == nil && $0.reason != nil })
    }
  }
}
