import CPUDevice
import Foundation
import Records
import TestDevices
import TestSupport
import Testing
import Transformer

@testable import Study

@Suite("Warm-up, schedule, weight decay and clipping as options of a run")
struct OptimiserOptionsTests {
  private func plan(_ change: (inout RunPlan) -> Void = { _ in }) -> RunPlan {
    var plan = RecordedTask.plan(.sort, maxSteps: 45)
    (plan.warmupSteps, plan.schedule, plan.weightDecay, plan.clipNorm) = (7, .cosine, 0.2, 0.5)
    (plan.initialSeed, plan.activations) = (3, .bfloat16)
    change(&plan)
    return plan
  }

  @Test("are read from flags, and are off by default")
  func options() throws {
    let standard = try StudyOptions().settings()
    #expect(standard.warmupSteps == 0 && standard.schedule == .constant)
    #expect(standard.weightDecay == 0 && standard.clipNorm == 0)
    let given: [(StudyOption, String)] = [
      (.warmupSteps, "30"), (.schedule, "cosine"), (.weightDecay, "0.1"), (.clipNorm, "1"),
    ]
    let options = try StudyOptions(given.map { GivenOption(flag: $0, $1) })
    let plan = try #require(try options.plans().first)
    #expect(
      plan.optimiser
        == OptimiserSettings(
          learningRate: 1e-3, warmupSteps: 30, schedule: .cosine, maxSteps: 15_000, weightDecay: 0.1,
          clipNorm: 1
        ))
    // Switched off by a flag over a file.
    let off = try StudyOptions(
      [.weightDecay, .clipNorm, .warmupSteps].map { GivenOption(flag: $0, "0") }
        + [GivenOption(flag: .schedule, "constant")]
    ).merged(over: options)
    #expect(try off.settings() == standard)
  }

  @Test(
    "an initial seed draws the parameters that a run of that seed begins with, and leaves the data alone",
    arguments: ["published", "rigorous"])
  func initialSeed(protocolName: String) throws {
    func plan(_ seed: Int, initial: Int? = nil) throws -> RunPlan {
      let given: [(StudyOption, String?)] = [
        (.protocolName, protocolName), (.seeds, "\(seed)"), (.initialSeed, initial.map(String.init)),
        (.tasks, "sort"),
      ]
      let options = try StudyOptions(
        given.compactMap { option, text in text.map { GivenOption(flag: option, $0) } })
      return try #require(try options.plans().first)
    }
    let (crossed, start, data) = (try plan(9, initial: 7), try plan(7), try plan(9))
    func parameters(_ plan: RunPlan) -> [Float] {
      var stream = plan.stream(.initialisation)
      return ParameterLayout(plan.model).initialParameters(from: &stream)
    }
    #expect(parameters(crossed) == parameters(start) && parameters(crossed) != parameters(data))
    func batch(_ plan: RunPlan) -> [[Int32]] {
      var stream = plan.training.stream(.trainingData)
      return plan.training.batch(from: &stream).map(\.tokens)
    }
    #expect(batch(crossed) == batch(data) && batch(crossed) != batch(start))
    #expect(try RunPlan(crossed.description).initialSeed == 7)
    #expect(crossed.recordConfiguration.initialSeed == 7 && data.recordConfiguration.initialSeed == nil)
    #expect(crossed.training.initialSeed == 7)
  }

  @Test("are refused with a message that says what is accepted")
  func messages() {
    for (option, text, message) in [
      (StudyOption.weightDecay, "-1", "--weight-decay must be a positive number or 0, not '-1'"),
      (.clipNorm, "nan", "--clip-norm must be a positive number or 0, not 'nan'"),
      (.warmupSteps, "1.5", "--warmup-steps must be a whole number, not '1.5'"),
      (
        .schedule, "cosin",
        "--schedule: there is no schedule 'cosin'; did you mean 'cosine'? There are constant, cosine"
      ),
    ] {
      #expect {
        try StudyOptions([GivenOption(flag: option, text)])
      } throws: { "\($0)" == message }
    }
    let plans: [(RunPlan, String)] = [
      (plan { $0.warmupSteps = 46 }, "a warm-up of 46 steps does not fit into a training of at most 45"),
      (plan { $0.warmupSteps = -1 }, "warm-up of -1"), (plan { $0.weightDecay = .nan }, "weight decay"),
      (plan { $0.weightDecay = 1000 }, "would remove all weights"),
      (plan { $0.clipNorm = -.infinity }, "largest gradient norm"),
    ]
    for (plan, message) in plans {
      #expect { try plan.validate() } throws: { "\($0)".contains(message) }
    }
    #expect(throws: Never.self) { try plan { $0.maxSteps = 0 }.validate() }
  }

  @Test("are in records and descriptions if they are on, and have no key if they are off")
  func keys() throws {
    let keys = ["warmup_steps", "schedule", "weight_decay", "clip_norm", "activations", "initial_seed"]
    func written(_ plan: RunPlan) throws -> [String] {
      [
        String(decoding: try RecordCoding.encode(plan.recordConfiguration), as: UTF8.self),
        String(decoding: try JSONEncoder().encode(plan.description), as: UTF8.self),
      ]
    }
    let plain = RecordedTask.plan(.sort)
    for text in try written(plain) {
      for key in keys { #expect(!text.contains("\"\(key)\""), "\(key)") }
    }
    for text in try written(plan()) {
      for key in keys { #expect(text.contains("\"\(key)\""), "\(key)") }
    }
    for plan in [plain, plan()] {
      let data = try JSONEncoder().encode(plan.description)
      #expect(try JSONDecoder().decode(PlanDescription.self, from: data) == plan.description)
    }
    #expect(try RunPlan(plan().description).optimiser == plan().optimiser)
  }

  @Test("are part of a snapshot's origin, and named if they differ", arguments: [true, false])
  func origin(isOnBefore: Bool) throws {
    var other = RecordedTask.plan(.sort, maxSteps: 45)
    other.learningRate = plan().learningRate
    let (first, second) = isOnBefore ? (plan(), other) : (other, plan())
    let device = try CPUDevice(threads: 1)
    try withFolder { folder in
      #expect(throws: StudyError.self) {
        try Trainer(first, on: device, supervisor: stopping(after: 5)).model(in: folder)
      }
      #expect {
        try Trainer(second, on: device).model(in: folder)
      } throws: { error in
        [
          "clip_norm is \(isOnBefore ? "0.5, not off" : "off, not 0.5")", "schedule is", "warmup_steps is",
          "weight_decay is",
        ].allSatisfy { "\(error)".contains($0) }
      }
    }
  }

  @Test("give the same bits after a stop, alone and in an ensemble", arguments: ensembleDevices)
  func resumed(on backend: Backend) throws {
    let device = try backend.make()
    let plans = [plan(), plan { $0.seed = 8 }, plan { $0.maxSteps = 30 }, plan { $0.clipNorm = 0 }]
    // Trainings whose settings differ at some step can't share one.
    let trainings = plans.map { Training($0, in: FileManager.default.temporaryDirectory) }
    #expect(trainings.map { trainings[0].isCompatible(with: $0) } == [true, true, false, false])
    func train(_ size: Int, _ folder: URL, _ supervisor: Supervisor = Supervisor()) throws -> [Data] {
      let trainings = try plans.enumerated().map { index, plan in
        let place = folder.appendingPathComponent("\(index)")
        try StudyFolder.create(place)
        return Training(plan, in: place)
      }
      var trainer = EnsembleTrainer(device: device, supervisor: supervisor, size: size)
      try trainer.train(trainings) { _, _ in }
      return try trainings.flatMap { training in
        try ["model.safetensors", "train.csv"].map {
          try Data(contentsOf: training.folder.appendingPathComponent($0))
        }
      }
    }
    try withFolder { alone in
      let expected = try train(1, alone)
      for steps in [3, 33, 60] {
        try withFolder { folder in
          #expect(throws: StudyError.self) { try train(4, folder, stopping(after: steps)) }
          let isSame = try train(4, folder) == expected
          #expect(isSame, "stopped after \(steps) steps")
        }
      }
    }
  }
}
