import CPUDevice
import Compute
import Foundation
import Importance
import RandomStreams
import Records
import Safetensors
import Tasks
import TestDevices
import TestSupport
import Testing
import Transformer

@testable import Study

/// Data to train on: sequences in which each token mostly follows from the one before, and a text of such bytes.
enum SmallData {
  static let (count, width, vocabulary) = (40, 9, 13)

  /// [count · width] tokens.
  static func tokens(_ rows: Int = count) -> [Int] {
    (0..<rows).flatMap { row in
      (0..<width).map { column in (row * 5 + column * 3 + (row * column % 7 == 3 ? 1 : 0)) % vocabulary }
    }
  }

  /// Each token's target is the next one; the last position has none.
  static func targets(_ tokens: [Int]) -> [Int] {
    tokens.indices.map { ($0 + 1) % width == 0 ? -100 : tokens[$0 + 1] }
  }

  static func write(
    _ tokens: [Int], targets: [Int]? = nil, lengths: [Int]? = nil, to url: URL
  ) throws {
    let shape = [tokens.count / width, width]
    var tensors = [
      try SafetensorsTensor(name: "tokens", shape: shape, integers: tokens),
      try SafetensorsTensor(name: "targets", shape: shape, integers: targets ?? Self.targets(tokens)),
    ]
    if let lengths {
      tensors.append(try SafetensorsTensor(name: "lengths", shape: [shape[0]], integers: lengths))
    }
    try SafetensorsFile(tensors: tensors).write(to: url)
  }

  /// 600 bytes of a few letters.
  static let text = Data(
    (0..<600).map { (place: Int) -> UInt8 in
      let letter: Int = (place * place / 3 + place) % 5
      return UInt8(97 + letter)
    })

  static func options(_ steps: Int, seed: Int = 3, positions: String = "none") throws -> StudyOptions {
    try StudyOptions(
      [
        (.layers, "2"), (.heads, "2"), (.dModel, "16"), (.dFF, "24"), (.batchSize, "5"),
        (.maxSteps, "\(steps)"), (.seed, "\(seed)"), (.positions, positions), (.learningRate, "0.01"),
      ].map { GivenOption(flag: $0, $1) })
  }

  /// A plan of each kind of data, measured every ten steps.
  static func plans(_ steps: Int, seed: Int = 3, positions: String = "none", in folder: URL) throws
    -> [TrainingPlan]
  {
    let (file, text) = (
      folder.appendingPathComponent("own.safetensors"), folder.appendingPathComponent("prose.txt")
    )
    try write(tokens(), lengths: (0..<count).map { 4 + $0 % 6 }, to: file)
    try Self.text.write(to: text)
    return try [
      DataTraining(tokensAt: file, vocabulary: nil), DataTraining(ByteText(contentsOf: text, context: 11)),
    ].map { data in
      var plan = try options(steps, seed: seed, positions: positions).training(on: data)
      plan.evaluationInterval = 10
      try plan.validate()
      return plan
    }
  }
}

@Suite("A model is trained on data")
struct DataTrainingTests {
  private let device: any Device

  init() throws { device = try CPUDevice(threads: 2) }

  private func train(
    _ plan: TrainingPlan, in folder: URL, on device: (any Device)? = nil, stopAfter steps: Int = .max
  ) throws -> TrainedModel {
    try StudyFolder.create(folder)
    return try Trainer(plan, on: device ?? self.device, supervisor: stopping(after: steps)).model(in: folder)
  }

  @Test(
    "and when it is stopped at any step and continued, its files are those of a training without a stop",
    arguments: ModelConfiguration.Positions.allCases.map(\.rawValue))
  func resume(positions: String) throws {
    try withFolder { folder in
      for plan in try SmallData.plans(25, positions: positions, in: folder) {
        let whole = folder.appendingPathComponent("\(plan.source.name)-whole")
        let straight = try train(plan, in: whole)
        #expect(straight.training?.accuracies.map(\.step) == [10, 20, 25])
        for steps in [0, 10, 11, 24, 26] {
          let parts = folder.appendingPathComponent("\(plan.source.name)-\(positions)-\(steps)")
          #expect(throws: StudyError.self) { try train(plan, in: parts, stopAfter: steps) }
          let continued = try train(plan, in: parts)
          #expect(continued.checkpoint.parameters == straight.checkpoint.parameters, "\(steps)")
          #expect(continued.dataStream == straight.dataStream)
          #expect(continued.splits == straight.splits)
          #expect(continued.training?.accuracies == straight.training?.accuracies)
          for name in ["train.csv", "model.safetensors"] {
            #expect(
              try Data(contentsOf: parts.appendingPathComponent(name))
                == Data(contentsOf: whole.appendingPathComponent(name)), "\(name), \(steps)")
          }
          // The model that is there is taken as it is.
          #expect(try train(plan, in: parts, stopAfter: 0).splits == straight.splits)
        }
        try FileManager.default.removeItem(at: whole)
      }
    }
  }

  @Test("and beside others it becomes the model that it becomes alone", arguments: Backend.allCases)
  func ensembles(name: Backend) throws {
    let device = try name.make()
    try withFolder { folder in
      for kind in 0..<2 {
        let plans = try [3, 4, 5].map { try SmallData.plans(12, seed: $0, in: folder)[kind] }
        let trainings = try plans.map { plan in
          let place = folder.appendingPathComponent("side-\(kind)-\(plan.seed)")
          try StudyFolder.create(place)
          return Training(plan, in: place)
        }
        var trainer = EnsembleTrainer(device: device, supervisor: Supervisor(), size: 3)
        var models: [Int: TrainedModel] = [:]
        try trainer.train(trainings) { models[$0] = try $1.get() }
        for (index, plan) in plans.enumerated() {
          let place = folder.appendingPathComponent("alone-\(kind)-\(plan.seed)")
          let alone = try train(plan, in: place, on: device)
          let beside = try #require(models[index])
          #expect(beside.checkpoint.parameters == alone.checkpoint.parameters)
          #expect(beside.splits == alone.splits)
          #expect(beside.training?.accuracies == alone.training?.accuracies)
        }
        #expect(models[0]?.checkpoint.parameters != models[1]?.checkpoint.parameters)
      }
    }
  }

  @Test("and its held-out loss, accuracy and bits per byte are those of its logits")
  func scores() throws {
    try withFolder { folder in
      for plan in try SmallData.plans(10, in: folder) {
        let model = try train(plan, in: folder.appendingPathComponent(plan.source.name + "-trained"))
        let transformer = try Transformer(
          model.checkpoint.configuration, parameters: [model.checkpoint.parameters], on: device)
        let isText = plan.data?.kind == .text
        #expect(model.splits?.keys.sorted() == (isText ? ["held_out", "shifted"] : ["held_out"]))
        for (name, sequences) in plan.source.finalSplits {
          var (loss, right, targets) = (0.0, 0, 0)
          for sequence in sequences {
            let batch = try Batch([sequence], .all, for: transformer.configuration, on: device)
            try transformer.forward(batch)
            let (logits, width) = (try transformer.readLogits(batch), transformer.configuration.vocabulary)
            for (position, target) in sequence.targets.enumerated() where target >= 0 {
              let row = logits[position * width..<(position + 1) * width].map(Double.init)
              loss += log(row.reduce(0) { $0 + exp($1) }) - row[Int(target)]
              right += row.firstIndex(of: row.max() ?? 0) == Int(target) ? 1 : 0
              targets += 1
            }
          }
          let found = try #require(model.splits?[name])
          #expect((found.sequences, found.targets) == (sequences.count, targets))
          #expect(abs(found.loss - loss / Double(targets)) < 1e-5 * found.loss)
          #expect(found.accuracy == Double(right) / Double(targets))
          #expect(found.bitsPerByte == (isText ? found.loss / log(2) : nil))
        }
        #expect(model.training?.accuracies.last?.heldOutLoss == model.splits?["held_out"]?.loss)
        // Files say the same.
        let place = folder.appendingPathComponent(plan.source.name + "-trained")
        let description = try #require(try TrainingDescription.read(in: place))
        #expect(description.splits == model.splits && description.origin.data == plan.data)
        let log = try TrainingLog.read(from: place.appendingPathComponent("train.csv"))
        #expect(log.count == 10 && log.last?.heldOutLoss == model.splits?["held_out"]?.loss)
        #expect(log.dropLast().allSatisfy { $0.heldOutLoss == nil && $0.accuracy == nil })
      }
    }
  }

  @Test("and learns what is in them")
  func learns() throws {
    try withFolder { folder in
      for plan in try SmallData.plans(300, in: folder) {
        let model = try train(plan, in: folder.appendingPathComponent(plan.source.name + "-trained"))
        let losses = try #require(model.training).accuracies.compactMap { $0.heldOutLoss }
        #expect((losses.min() ?? .infinity) < 0.5 * log(Double(plan.model.vocabulary)))
      }
    }
  }

  @Test("until its held-out loss has not fallen for three measurements in a row")
  func stoppingRule() {
    func ends(_ losses: [Double]) -> Bool {
      TrainingGoal.heldOutLoss(patience: 3).isReached(
        losses.enumerated().map { RunRecord.Training.Accuracy(step: $0, accuracy: 0, heldOutLoss: $1) })
    }
    #expect(!ends([]) && !ends([3]) && !ends([3, 4, 5]))
    #expect(ends([3, 4, 5, 6]) && ends([3, 3, 3, 3]) && ends([5, 3, 4, 3, 4]))
    #expect(!ends([3, 4, 5, 2.9]) && !ends([5, 4, 5, 4.5]) && !ends([4, 5, 3, 4, 5]))
    #expect(ends([2, .infinity, .nan, 3]) == false, "a loss that is not a number has not stopped falling")
  }

  @Test("and neither a snapshot nor a model of other data is taken for its own")
  func otherData() throws {
    try withFolder { folder in
      let plans = try SmallData.plans(20, in: folder)
      let place = folder.appendingPathComponent("model")
      for (plan, steps) in [(plans[1], 5), (plans[1], Int.max)] {
        _ = try? train(plan, in: place, stopAfter: steps)
        var changed = SmallData.text
        changed[599] = 98
        let text = folder.appendingPathComponent("prose.txt")
        try changed.write(to: text)
        var other = try SmallData.options(20).training(
          on: DataTraining(ByteText(contentsOf: text, context: 11)))
        other.evaluationInterval = 10
        let error = #expect(throws: StudyError.self) { try train(other, in: place) }
        #expect("\(error.map { "\($0)" } ?? "")".contains("data checksum is "), "\(steps)")
        #expect(throws: StudyError.self) { try train(plans[0], in: place) }
      }
    }
  }
}
