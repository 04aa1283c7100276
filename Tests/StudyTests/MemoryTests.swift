import CPUDevice
import Compute
import HalfPrecision
import Importance
import Records
import ReferenceDevice
import Tasks
import TestDevices
import TestModels
import TestSupport
import Testing
import Transformer

@testable import Study

@Suite("The estimated memory of a run and the bytes that it allocates")
struct MemoryTests {
  /// A configuration so large that the parameters count beside the activations.
  private static let model = ModelConfiguration(layers: 3, heads: 4, dModel: 96, dMLP: 384)

  @Test(
    "are equal for training steps of one model and of several",
    arguments: [1, 3], ModelConfiguration.Positions.allCases)
  func training(models: Int, positions: ModelConfiguration.Positions) throws {
    for recomputes in [false, true] { try training(models, positions, recomputes: recomputes) }
    try training(models, positions, recomputes: false, format: .float16)
  }

  private func training(
    _ models: Int, _ positions: ModelConfiguration.Positions, recomputes: Bool, format: HalfFormat? = nil
  ) throws {
    let settings = OptimiserSettings(weightDecay: 0.1, clipNorm: 1)
    var model = Self.model
    model.positions = positions
    let plan = RunPlan(task: .sort, seed: 1, studyProtocol: .published, model: model)
    let device = MemoryCountingDevice(try CPUDevice(threads: 2))
    var (rows, outputRows) = (0, 0)
    do {
      let layout = ParameterLayout(model)
      var initial = plan.stream(.initialisation)
      let parameters = (0..<models).map { _ in layout.initialParameters(from: &initial) }
      let transformer = try Transformer(model, parameters: parameters, on: device)
      transformer.recomputesActivations = recomputes
      transformer.activationFormat = format
      let optimiser = try AdamOptimiser(transformer, settings)
      var stream = plan.stream(.trainingData)
      for _ in 0..<3 {
        let lanes = (0..<models).map {
          Lane(model: $0, sequences: plan.training.batch(from: &stream))
        }
        let batch = try Batch(lanes, .distinct, for: model, on: device)
        rows = max(rows, lanes.reduce(0) { $0 + $1.sequences.reduce(0) { $0 + $1.tokens.count } })
        outputRows = max(outputRows, batch.outputRows.extent)
        try transformer.computeGradients(batch)
        try optimiser.update(transformer)
      }
    }
    let estimate = MemoryEstimate()
    try estimate.addParameters(model, models: models, copies: 4, optimiser: settings, largestAllocation: nil)
    try estimate.addPasses(model, rows: rows, outputRows: outputRows, recomputes: recomputes, format: format)
    let share = Double(device.mostBytes) / estimate.bytes
    // The indices of a batch and the losses need memory as well.
    #expect(share > 0.99 && share < 1.01, "\(device.mostBytes) bytes, \(estimate.bytes) estimated")
    #expect(Double(device.largestBuffer) <= estimate.largestBuffer)
  }

  @Test("never exceed the estimate during a whole run", arguments: StudyProtocol.all.map(\.name))
  func run(name: String) throws {
    var plan = RecordedTask.plan(.sort, layers: 2, maxSteps: 8, rules: try StudyProtocol.named(name))
    plan.quick = true
    let device = MemoryCountingDevice(try CPUDevice(threads: 2))
    let records = try withFolder { try Study([plan], on: device, in: $0).run() }
    #expect(records.count == 1)
    let needed = try plan.memory(models: 1, largestAllocation: nil)
    #expect(Double(device.mostBytes) <= needed.bytes, "\(device.mostBytes) bytes, \(needed.bytes) estimated")
    #expect(Double(device.largestBuffer) <= needed.largestBuffer)
    // An analysis fills its passes, so the estimate is close.
    #expect(
      Double(device.mostBytes) > 0.1 * needed.bytes, "\(device.mostBytes) bytes, \(needed.bytes) estimated")
  }

  @Test("never exceed the estimate while finished models are removed from an ensemble")
  func ensemble() throws {
    var plans = [8, 5, 3].enumerated().map { RecordedTask.plan(.sort, maxSteps: $1, seed: $0) }
    for i in plans.indices { plans[i].model = Self.model }
    let device = MemoryCountingDevice(try CPUDevice(threads: 2))
    try withFolder { folder in
      let trainings = try plans.map { plan in
        let place = folder.appendingPathComponent("\(plan.seed)")
        try StudyFolder.create(place)
        return Training(plan, in: place)
      }
      var trainer = EnsembleTrainer(device: device, supervisor: Supervisor(), size: 3)
      var finished = 0
      try trainer.train(trainings) { _, _ in
        finished += 1
        // What follows from the last training has all the memory.
        if finished == 3 { #expect(device.bytes == 0) }
      }
      #expect(finished == 3)
    }
    let needed = try plans[0].memory(models: 3, largestAllocation: nil)
    #expect(Double(device.mostBytes) <= needed.bytes, "\(device.mostBytes) bytes, \(needed.bytes) estimated")
    // At least the parameters, gradients and moments are allocated.
    #expect(device.mostBytes > 3 * 4 * 4 * ParameterLayout(Self.model).count)
  }

  @Test("of scores of edges is close to what is allocated")
  func edges() throws {
    let model = ModelConfiguration(layers: 3, heads: 4, dModel: 96, dMLP: 384)
    var stream = RecordedTask.plan(.sort, maxSteps: 1).stream(.initialisation)
    let device = MemoryCountingDevice(try CPUDevice(threads: 2))
    let transformer = try Transformer(
      model, parameters: [ParameterLayout(model).initialParameters(from: &stream)], on: device)
    let weights = device.mostBytes
    let sequences = (0..<8).map { row in
      TokenSequence(
        tokens: (0..<24).map { Int32(($0 * 7 + row) % 100) },
        targets: [Int32](repeating: TokenSequence.noLoss, count: 23) + [Int32(row)])
    }
    _ = try EdgeScores(transformer, sequences, corrupted: sequences)
    let estimate = MemoryEstimate()
    try estimate.addEdgeScores(model, rows: 8 * 24, samples: 8)
    let share = Double(device.mostBytes - weights) / estimate.bytes
    #expect(share > 0.8 && share < 1.05, "\(device.mostBytes - weights) bytes, \(estimate.bytes) estimated")
  }

  @Test("of an analysis on own data is close to what is allocated")
  func ownData() throws {
    try withOwnModel { source in
      var analysis = DataAnalysis(name: "own", data: TokenData(Self.sequences(40)))
      for (scores, least) in [(Set([GradientScore.taylor]), 0.5), (Set(GradientScore.allCases), 0.2)] {
        analysis.scores = scores
        let device = MemoryCountingDevice(try CPUDevice(threads: 2))
        _ = try analysis.analyse(source, on: device)
        let memory = try analysis.memory(of: source, on: device)
        let bytes = memory.model.bytes + max(memory.scores.bytes, memory.interventions.bytes)
        let share = Double(device.mostBytes) / bytes
        // The passes of integrated gradients may be as wide as their limit, and here they are not.
        #expect(share > least && share < 1.02, "\(device.mostBytes) bytes, \(bytes) estimated")
        #expect(
          Double(device.largestBuffer)
            <= max(
              memory.model.largestBuffer, memory.scores.largestBuffer, memory.interventions.largestBuffer))
      }
    }
  }

  @Test(
    "of integrated gradients is close to what is allocated, with all that their passes begin with",
    arguments: [
      (InterventionMethod.mean, GradientMetric.targetLogProbability), (.noising, .targetLogProbability),
      (.noising, .logitDifference), (.zero, .logitDifference),
    ])
  func integratedGradients(method: InterventionMethod, metric: GradientMetric) throws {
    try withOwnModel { source in
      // A batch that is wider than their passes may be.
      let batches = [Self.sequences(100)]
      let partners = batches.map { batch in
        batch.map { sequence in
          TokenSequence(
            tokens: sequence.tokens.map { ($0 + 1) % 100 },
            targets: sequence.targets.map { $0 < 0 ? $0 : ($0 + 1) % 100 })
        }
      }
      let device = MemoryCountingDevice(try CPUDevice(threads: 2))
      let transformer = try source.transformer(on: device)
      let weights = device.bytes
      let scores: Set<GradientScore> = [.frobenius, .integratedGradients]
      _ = try GradientScores(
        transformer, batches: batches, corrupted: partners, method: method,
        means: try ComponentMeans(transformer, batches: batches), metric: metric, scores: scores)
      let estimate = MemoryEstimate()
      try estimate.addScores(
        source.configuration, batches, scores: scores, method: method, metric: metric)
      let share = Double(device.mostBytes - weights) / estimate.bytes
      #expect(
        share > 0.95 && share < 1.001, "\(device.mostBytes - weights) bytes, \(estimate.bytes) estimated")
    }
  }

  @Test(
    "of an inspection covers what is allocated, and one that does not fit is refused",
    arguments: ["gpt2", "llama3"])
  func inspection(name: String) throws {
    let folder = try Fixtures.url("families/\(name)")
    let batch = folder.appendingPathComponent("check.safetensors")
    let whole = try Inspection(
      checkpoint: folder, batch: batch, includesActivations: true, includesEdges: true)
    let ablated = try Inspection(checkpoint: folder, batch: batch, ablate: "L0_H1=mean,L1_MLP=zero")
    let patched = try Inspection(checkpoint: folder, batch: batch, patch: "L0_H0=noising")
    for inspection in [whole, ablated, patched] {
      let device = MemoryCountingDevice(try CPUDevice(threads: 2))
      _ = try inspection.run(on: device)
      let estimate = try inspection.memory(largestAllocation: nil)
      #expect(
        Double(device.mostBytes) <= 1.01 * estimate.bytes, "\(device.mostBytes), \(estimate.bytes) estimated")
      try inspection.checkMemory(on: device)
      let error = #expect(throws: StudyError.self) {
        try inspection.checkMemory(on: SmallDevice(device, memory: Int(estimate.bytes / 2)))
      }
      #expect("\(error.map { "\($0)" } ?? "")".contains("use another device or fewer sequences"))
    }
  }

  @Test("knows devices that read models in place")
  func readingInPlace() throws {
    #expect(MemoryRoom(try CPUDevice(threads: 2)).readsInPlace)
    #expect(!MemoryRoom(ReferenceDevice()).readsInPlace)
  }

  private static func sequences(_ count: Int) -> [TokenSequence] {
    (0..<count).map { row in
      TokenSequence(
        tokens: (0..<24).map { Int32(($0 * 7 + row) % 100) },
        targets: [Int32](repeating: TokenSequence.noLoss, count: 23) + [Int32(row)])
    }
  }

  private func withOwnModel(_ body: (CheckpointSource) throws -> Void) throws {
    let model = Self.model
    var stream = RecordedTask.plan(.sort, maxSteps: 1).stream(.initialisation)
    let checkpoint = Checkpoint(
      configuration: model, parameters: ParameterLayout(model).initialParameters(from: &stream))
    try withFolder { folder in
      let file = folder.appendingPathComponent("model.safetensors")
      try checkpoint.write(to: file)
      try body(try CheckpointSource(file))
    }
  }
}

/// A device that says that it has little memory.
private final class SmallDevice: ForwardingDevice {
  let device: any Device
  private let memory: Int

  init(_ device: any Device, memory: Int) {
    (self.device, self.memory) = (device, memory)
  }

  var description: DeviceDescription {
    var description = device.description
    description.memory = memory
    return description
  }

  func perform(_ operation: any DeviceOperation) throws { try operation.run(on: device) }
}
