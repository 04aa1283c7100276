import CPUDevice
import Compute
import RandomStreams
import Tasks
import Testing
import Transformer

@testable import Benchmark

@Suite("The work that a batch needs") struct LiveWorkTests {
  @Test("equals the work of a step's operations, counted one by one")
  func countedOnADevice() throws {
    let configurations = [
      ModelConfiguration(), ModelConfiguration(layers: 1, heads: 5, dModel: 40, dMLP: 93),
    ]
    for configuration in configurations {
      let device = ProfilingDevice(try CPUDevice(threads: 1))
      let workload = try TrainingWorkload(
        .published(models: 2, configuration: configuration, batchSize: 7), .live, on: device)
      _ = try workload.run()
      let counted = device.entries.values.reduce(0) { $0 + $1.flops }
      #expect(workload.flops == [counted])
    }
  }

  @Test("of one sequence equals the sum computed by hand")
  func byHand() {
    let configuration = ModelConfiguration(layers: 2, heads: 1, dModel: 2, dMLP: 3, vocabulary: 5)
    // Two rows, the second with a target; the third row is not needed.
    let sequence = TokenSequence(tokens: [1, 2, 3], targets: [-100, 4, -100])
    let work = LiveWork([sequence], configuration)
    let first = 2 * 2 * (4 * 4 + 2 * 6) + 4 * 2 * 3
    let last = 2 * 2 * 8 + 2 * 1 * (8 + 12) + 4 * 2 * 2
    #expect(work.forward == Double(first + last + 2 * 2 * 5))
    #expect(work.training == 3 * work.forward)
  }

  @Test("of a sequence without targets is zero")
  func noTarget() {
    let sequence = TokenSequence(tokens: [1, 2], targets: [-100, -100])
    #expect(LiveWork([sequence], ModelConfiguration()).forward == 0)
  }

  @Test("needs as many operations for three models as for one, and as many as the roofline script counts")
  func operationCount() throws {
    for models in [1, 3] {
      let device = ProfilingDevice(try CPUDevice(threads: 1))
      _ = try TrainingWorkload(.published(models: models, batchSize: 3), on: device).run()
      // Benchmarks/roofline.py counts the same.
      #expect(device.entries.values.reduce(0) { $0 + $1.calls } == 96)
    }
  }
}
