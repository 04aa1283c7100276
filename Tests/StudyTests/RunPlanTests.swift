import CPUDevice
import Testing
import Transformer

@testable import Study

@Suite("A run's plan")
struct RunPlanTests {
  private func plan(_ change: (inout RunPlan) -> Void) -> RunPlan {
    var plan = RecordedTask.plan(.sort)
    change(&plan)
    return plan
  }

  @Test("every protocol is valid with any 32-bit seed")
  func possible() throws {
    for rules in StudyProtocol.all {
      let model = ModelConfiguration(positions: rules.positions)
      for seed in [0, 42, Int(UInt32.max)] {
        try RunPlan(task: .sort, seed: seed, studyProtocol: rules, model: model).validate(
          on: CPUDevice(threads: 1))
      }
    }
  }

  @Test("its memory estimate covers the widest pass of an analysis, with the activations of every block")
  func widestPass() throws {
    for layers in [2, 12] {
      let model = ModelConfiguration(layers: layers, heads: 12, dModel: 768, dMLP: 3072)
      let row = layers * (8 * model.dModel + 2 * model.dMLP)
      #expect(
        try plan { ($0.model, $0.batchSize) = (model, 1) }.memory(models: 1, largestAllocation: nil).bytes
          >= Double(4 * ForkedForward.defaultRowLimit * row))
    }
  }

  @Test("invalid sizes, seeds and learning rates are refused by name")
  func impossible() throws {
    let plans: [(RunPlan, String)] = [
      (plan { $0.batchSize = 0 }, "batch size must be 1 to 1000000, not 0"),
      (plan { $0.batchSize = .max }, "batch size"),
      (plan { $0.maxSteps = -1 }, "must be 0 to 100000000, not -1"), (plan { $0.seed = -1 }, "seed -1"),
      (plan { $0.seed = 1 << 32 }, "seed 4294967296"), (plan { $0.learningRate = .nan }, "learning rate"),
      (plan { $0.learningRate = 0 }, "learning rate"),
      (plan { $0.learningRate = .infinity }, "learning rate"),
      (plan { $0.model.vocabulary = 103 }, "vocabulary of 104"), (plan { $0.model.heads = 3 }, "3 heads"),
      (plan { $0.model.layers = 0 }, "layers"),
      (
        plan {
          $0.model.positions = .learned
          $0.model.context = 31
        }, "31 positions"
      ),
    ]
    for (plan, word) in plans {
      #expect { try plan.validate() } throws: { "\($0)".contains(word) }
    }
  }

  @Test("a run that does not fit into the device's memory is refused before it begins")
  func memory() throws {
    let device = try CPUDevice(threads: 1)
    let plans = [
      plan { ($0.batchSize, $0.model.layers) = (1_000_000, 100) },
      plan { ($0.model.layers, $0.checkpointing) = (50_000, .off) },
      plan { ($0.model.dMLP, $0.model.layers) = (16_000_000, 4) },
    ]
    for plan in plans {
      try plan.validate()
      #expect { try plan.validate(on: device) } throws: { "\($0)".contains("GiB") }
    }
  }
}
