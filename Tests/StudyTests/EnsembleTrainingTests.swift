import CPUDevice
import Compute
import Foundation
import RandomStreams
import Records
import Safetensors
import Synchronization
import Tasks
import TestDevices
import TestSupport
import Testing
import Transformer

@testable import Study

/// The devices on which the bits of a model must not depend on the other models.
let ensembleDevices = Backend.allCases.filter { $0 == .cpu || $0 == .openCLRegister }

@Suite("Trainings side by side", .serialized)
struct EnsembleTrainingTests {
  /// A task that every model learns before the first measurement.
  private static let easy = IntegerTask(name: "easy", title: "easy") { _ in [1] }

  /// Trainings that end at different steps: after some steps, after none, by converging at 500, at the last
  /// step, at a measurement.
  private static let plans = [
    RecordedTask.plan(.sort, maxSteps: 507, seed: 1), RecordedTask.plan(.reverse, maxSteps: 0, seed: 2),
    RecordedTask.plan(easy, maxSteps: 520, seed: 3), RecordedTask.plan(.reverse, maxSteps: 500, seed: 4),
    RecordedTask.plan(.sort, layers: 2, maxSteps: 9, seed: 5),
    RecordedTask.plan(.sort, maxSteps: 33, seed: 6),
  ]

  /// Trainings in folders named after the seeds.
  private func trainings(_ plans: [RunPlan], in folder: URL) throws -> [Training] {
    try plans.map { plan in
      let place = folder.appendingPathComponent("\(plan.seed)")
      try StudyFolder.create(place)
      return Training(plan, in: place)
    }
  }

  private func train(
    _ plans: [RunPlan], _ size: Int, in folder: URL, on device: any Device,
    supervisor: Supervisor = Supervisor()
  ) throws -> [Result<TrainedModel, ModelError>] {
    var outcomes: [Int: Result<TrainedModel, ModelError>] = [:]
    var trainer = EnsembleTrainer(device: device, supervisor: supervisor, size: size)
    try trainer.train(trainings(plans, in: folder)) {
      #expect(outcomes.updateValue($1, forKey: $0) == nil, "told twice")
    }
    return try plans.indices.map { try #require(outcomes[$0]) }
  }

  private func stop(_ plans: [RunPlan], after steps: Int, _ size: Int, in folder: URL, on device: any Device)
  {
    #expect {
      _ = try train(plans, size, in: folder, on: device, supervisor: stopping(after: steps))
    } throws: {
      if case StudyError.interrupted = $0 { true } else { false }
    }
  }

  /// Expects that both folders have the same models, logs and streams.
  private func expectSame(_ plans: [RunPlan], _ left: URL, _ right: URL) throws {
    for plan in plans {
      let places = [left, right].map { $0.appendingPathComponent("\(plan.seed)") }
      for name in ["train.csv", "model.safetensors"] {
        let files = try places.map { try Data(contentsOf: $0.appendingPathComponent(name)) }
        // The values themselves are not compared, because a failure would list every byte that differs.
        let isSame = files[0] == files[1]
        #expect(isSame, "seed \(plan.seed), \(name)")
      }
      let descriptions = try places.map { place in
        var description = try #require(try TrainingDescription.read(in: place))
        description.training?.seconds = 0
        return description
      }
      let streamsAreSame = descriptions[0].dataStream == descriptions[1].dataStream
      #expect(streamsAreSame, "seed \(plan.seed)")
      #expect(descriptions[0].training == descriptions[1].training, "seed \(plan.seed)")
      #expect(try contentNames(places[0]) == contentNames(places[1]))
    }
  }

  private func contentNames(_ folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  @Test(
    "of several tasks and lengths give each model its result alone, bit for bit", arguments: ensembleDevices)
  func together(on name: Backend) throws {
    let device = try name.make()
    try withFolder { alone in
      _ = try train(Self.plans, 1, in: alone, on: device)
      for size in [3, 6] {
        try withFolder { together in
          let outcomes = try train(Self.plans, size, in: together, on: device)
          #expect(try outcomes.map { try $0.get().training?.steps } == [507, 0, 500, 500, 9, 33])
          #expect(
            try outcomes.map { try $0.get().training?.converged } == [
              false, false, true, false, false, false,
            ])
          try expectSame(Self.plans, alone, together)
        }
      }
    }
  }

  @Test(
    "give the same results after a stop at any step, alone or in another ensemble",
    arguments: ensembleDevices)
  func otherCompany(on name: Backend) throws {
    let device = try name.make()
    let plans = [0, 3, 5].map { Self.plans[$0] }
    let fresh = RecordedTask.plan(.reverse, maxSteps: 45, seed: 7)
    try withFolder { alone in
      _ = try train(plans + [fresh], 1, in: alone, on: device)
      for steps in [1, 32, 33, 501] {
        try withFolder { parts in
          // One of three is stopped separately, so that three members are at two different steps.
          stop([plans[0], plans[1]], after: steps, 3, in: parts, on: device)
          if steps < 33 { stop([plans[2]], after: steps / 2, 1, in: parts, on: device) }
          _ = try train([plans[0]], 1, in: parts, on: device)
          _ = try train([fresh, plans[1], plans[2]], 3, in: parts, on: device)
          try expectSame(plans + [fresh], alone, parts)
        }
      }
    }
  }

  @Test("go on with fewer side by side where a device finds out late that they are too many")
  func shortage() throws {
    let plans = [0, 5].map { Self.plans[$0] } + [RecordedTask.plan(.reverse, maxSteps: 505, seed: 8)]
    try withFolder { alone in
      _ = try train(plans, 1, in: alone, on: CPUDevice(threads: 1))
      // Before the first snapshot, and after it.
      for steps in [3, 502] {
        try withFolder { folder in
          let device = LateShortage(
            try CPUDevice(threads: 1), elements: 2 * ParameterLayout(plans[0].model).count - 1, steps: steps)
          let notes = Mutex<[String]>([])
          let supervisor = Supervisor(report: { progress in
            if case .note(let note) = progress { notes.withLock { $0.append(note) } }
          })
          _ = try train(plans, 3, in: folder, on: device, supervisor: supervisor)
          try expectSame(plans, alone, folder)
          let models = steps == 3 ? 3 : 2
          #expect(notes.withLock { $0.map { $0.prefix(1) } } == ["\(models)"])
        }
      }
    }
  }

  @Test("put off what follows from one of them where it has too little memory beside the others")
  func shortageOfWhatFollows() throws {
    let plans = [0, 5].map { Self.plans[$0] }
    let device = try CPUDevice(threads: 1)
    let shortage = ComputeError.exhausted(call: "clFinish", status: "CL_OUT_OF_RESOURCES", detail: "")
    try withFolder { folder in
      let notes = Mutex<[String]>([])
      let supervisor = Supervisor(report: { progress in
        if case .note(let note) = progress { notes.withLock { $0.append(note) } }
      })
      var trainer = EnsembleTrainer(device: device, supervisor: supervisor, size: 2)
      var asked: [Int] = []
      try trainer.train(trainings(plans, in: folder)) { index, _ in
        asked.append(index)
        if asked.count == 1 { throw shortage }
      }
      // The first one again, once the second has finished.
      #expect(asked.count == 3)
      #expect(asked[1] == asked[0])
      #expect(Set(asked) == [0, 1])
      #expect(notes.withLock { $0.count } == 1)
      // Alone it has all the memory there is.
      #expect(throws: ComputeError.self) {
        try trainer.train(trainings(plans, in: folder)) { _, _ in throw shortage }
      }
    }
  }

  @Test("end where a device is too small for one model alone")
  func tooSmall() throws {
    let device = LateShortage(try CPUDevice(threads: 1), elements: 1, steps: 3)
    try withFolder { folder in
      _ = #expect(throws: ComputeError.self) { try train([Self.plans[0]], 3, in: folder, on: device) }
    }
  }

  @Test("of which one diverges go on without it, and it is named")
  func diverging() throws {
    let device = try CPUDevice(threads: 1)
    let plans = [Self.plans[0], Self.plans[3], Self.plans[5]]
    try withFolder { alone in
      _ = try train(plans, 1, in: alone, on: device)
      try withFolder { folder in
        stop(plans, after: 25, 3, in: folder, on: device)
        let snapshot = folder.appendingPathComponent("\(plans[1].seed)/training.safetensors")
        let kept = try SafetensorsFile(contentsOf: snapshot)
        let parameters = try kept.finiteFloats(named: "parameters")
        try SafetensorsFile(
          metadata: kept.metadata.filter { $0.key != "causalgap_checksum" },
          tensors: kept.tensors.map { tensor in
            guard tensor.name == "parameters" else { return tensor }
            return try SafetensorsTensor(
              name: tensor.name, shape: [parameters.count], floats: parameters.map { $0 * 1e30 })
          }
        ).write(to: snapshot)
        let outcomes = try train(plans, 3, in: folder, on: device)
        #expect(throws: ModelError.self) { try outcomes[1].get() }
        if case .failure(.diverged(let step, _)) = outcomes[1] { #expect(step == 26) }
        try expectSame([plans[0], plans[2]], alone, folder)
        // The part that was written remains.
        #expect(FileManager.default.fileExists(atPath: snapshot.path))
        #expect(
          try TrainingLog.read(
            from: folder.appendingPathComponent("\(plans[1].seed)/train.csv")
          ).map(\.step) == Array(1...25))
      }
    }
  }

  @Test(
    "launch as many kernels per step as one model alone", arguments: ensembleDevices.filter { $0 != .cpu },
    ModelConfiguration.Positions.allCases)
  func launches(on name: Backend, positions: ModelConfiguration.Positions) throws {
    for selection in [RowSelection.live, .distinct] {
      try launches(on: name, positions: positions, selection)
    }
  }

  private func launches(
    on name: Backend, positions: ModelConfiguration.Positions, _ selection: RowSelection
  ) throws {
    let device = try name.make()
    let counting = try #require(device as? any LaunchCounting)
    var plan = Self.plans[0]
    plan.model.positions = positions
    let layout = ParameterLayout(plan.model)
    let counts = try [1, 2, 7].map { models in
      var stream = DataStream(MersenneTwister(seed: 1))
      let sequences = plan.training.batch(from: &stream)
      let parameters = layout.initialParameters(from: &stream)
      let transformer = try Transformer(
        plan.model, parameters: [[Float]](repeating: parameters, count: models), on: device)
      let optimiser = try AdamOptimiser(transformer)
      let before = counting.launchCount
      let lanes = (0..<models).map { Lane(model: $0, sequences: sequences) }
      try transformer.computeGradients(Batch(lanes, selection, for: plan.model, on: device))
      try optimiser.update(transformer)
      return counting.launchCount - before
    }
    #expect(counts[0] > 0)
    #expect(Set(counts).count == 1, "\(selection): \(counts)")
  }
}

/// A device that, like some drivers, finds out in the midst of a training that it has too little memory.
private final class LateShortage: ForwardingDevice {
  let device: any Device
  /// The number of parameters, of all models together, that are not too many.
  private let elements: Int
  /// The step of too many models at which the memory is short.
  private let steps: Int
  private var taken = 0

  init(_ device: any Device, elements: Int, steps: Int) {
    (self.device, self.elements, self.steps) = (device, elements, steps)
  }

  func perform(_ operation: any DeviceOperation) throws {
    if let adam = operation as? Adam, adam.count > elements {
      taken += 1
      if taken >= steps {
        throw ComputeError.exhausted(
          call: "clEnqueueNDRangeKernel", status: "CL_OUT_OF_RESOURCES", detail: "")
      }
    }
    try operation.run(on: device)
  }
}
