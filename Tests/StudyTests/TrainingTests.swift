import CPUDevice
import Compute
import Foundation
import Importance
import Records
import ReferenceDevice
import Safetensors
import Tasks
import TestSupport
import Testing
import Transformer

@testable import Study

@Suite("Training that is stopped and continued")
struct TrainingTests {
  private let plan = RecordedTask.plan(.sort, maxSteps: 30, learningRate: 1e-3)

  private func stop(_ folder: URL, after steps: Int = 11) throws {
    #expect {
      _ = try Trainer(plan, on: CPUDevice(threads: 1), supervisor: stopping(after: steps)).model(in: folder)
    } throws: {
      if case StudyError.interrupted = $0 { true } else { false }
    }
  }

  @Test(
    "a training stopped at any step gives the same result as one without a stop", arguments: [0, 1, 11, 29])
  func resume(steps: Int) throws {
    try withFolder { whole in
      try withFolder { parts in
        let device = try CPUDevice(threads: 1)
        try stop(parts, after: steps)
        let continued = try Trainer(plan, on: device).model(in: parts)
        let straight = try Trainer(plan, on: device).model(in: whole)
        #expect(continued.checkpoint.parameters == straight.checkpoint.parameters)
        #expect(continued.dataStream == straight.dataStream)
        #expect(continued.training?.finalLoss == straight.training?.finalLoss)
        for name in ["train.csv", "model.safetensors"] {
          #expect(
            try Data(contentsOf: parts.appendingPathComponent(name))
              == Data(contentsOf: whole.appendingPathComponent(name)))
        }
        let snapshot = parts.appendingPathComponent("training.safetensors")
        #expect(!FileManager.default.fileExists(atPath: snapshot.path))
      }
    }
  }

  @Test(
    "under the rigorous protocol every measurement of a training has samples of its own, the same in every attempt"
  )
  func measurementSamples() throws {
    let plan = RecordedTask.plan(.sort, maxSteps: 8, rules: .rigorous)
    func draws() throws -> [[TokenSequence]] {
      try withFolder { folder in
        let member = try TrainingMember(Training(plan, in: folder), on: CPUDevice(threads: 1))
        return (0..<3).map { _ in
          member.advance(member.dataStream)
          return member.drawMeasured()
        }
      }
    }
    let first = try draws()
    #expect(try draws() == first)
    #expect(first[0] != first[1] && first[1] != first[2] && first[0] != first[2])
  }

  @Test("a training stopped while its accuracy is measured measures again, on the same samples")
  func stoppedMeasurement() throws {
    var rules = StudyProtocol.published
    rules.evaluationInterval = 4
    // Accuracy is never high enough, so that it is measured at every interval, and once more at the end.
    rules.convergedAccuracy = 2
    let plan = RecordedTask.plan(.sort, maxSteps: 8, rules: rules, learningRate: 1e-3)
    let device = try CPUDevice(threads: 1)
    let straight = try withFolder { try Trainer(plan, on: device).model(in: $0) }
    // A stop is asked for before each of 8 steps, and before each of 3 measurements.
    for asked in 0..<11 {
      try withFolder { folder in
        #expect(throws: StudyError.self) {
          _ = try Trainer(plan, on: device, supervisor: stopping(after: asked)).model(in: folder)
        }
        let continued = try Trainer(plan, on: device).model(in: folder)
        #expect(continued.checkpoint.parameters == straight.checkpoint.parameters)
        #expect(continued.dataStream == straight.dataStream)
        #expect(continued.training?.accuracies == straight.training?.accuracies, "\(asked)")
      }
    }
    #expect(straight.training?.accuracies.map(\.step) == [4, 8, 8])
  }

  @Test("gradient norms are recorded every fifty steps, also across a stop, and belong to that step's batch")
  func gradientNorms() throws {
    let long = RecordedTask.plan(.sort, maxSteps: 110, learningRate: 1e-3)
    let device = try CPUDevice(threads: 1)
    let continued = try withFolder { folder in
      #expect(throws: StudyError.self) {
        _ = try Trainer(long, on: device, supervisor: stopping(after: 60)).model(in: folder)
      }
      return try Trainer(long, on: device).model(in: folder)
    }
    let looks = try #require(continued.training?.gradientNorms)
    #expect(looks.map(\.step) == [50, 100])
    // The hundredth step is repeated by hand from the model after ninety-nine steps.
    var short = long
    short.maxSteps = 99
    let before = try withFolder { try Trainer(short, on: device).model(in: $0) }
    // The last measurement used the stream, so the steps draw from it again from the beginning.
    var stream = long.stream(.trainingData)
    let batches = (1...100).map { _ in long.training.batch(from: &stream) }
    let transformer = try Transformer(
      before.checkpoint.configuration, parameters: [before.checkpoint.parameters], on: device)
    try transformer.computeGradients(Batch(batches[99], .live, for: long.model, on: device))
    let gradients = try transformer.gradients(ofModel: 0)
    let expected = Component.all(of: long.model).map { component -> Double in
      let weight =
        switch component {
        case .head(let layer, _): transformer.layout.blocks[layer].attention.queryKeyValue.weight
        case .mlp(let layer): transformer.layout.blocks[layer].mlp.output.weight
        }
      let columns = component.head.map { 2 * 16 + 8 * $0..<2 * 16 + 8 * ($0 + 1) } ?? 0..<weight.columns
      var squares = 0.0
      for row in 0..<weight.rows {
        for column in columns {
          squares += pow(Double(gradients[weight.offset + row * weight.columns + column]), 2)
        }
      }
      return squares.squareRoot()
    }
    for (found, expected) in zip(looks[1].values, expected) {
      #expect(!(abs(found - expected) > 1e-4 * expected), "\(found) \(expected)")
    }
    #expect(looks[1].values.count == expected.count)
  }

  @Test("trends are slopes of the logarithms of the norms over the training")
  func gradientTrends() throws {
    func training(_ looks: [(step: Int, values: [Double])]) -> RunRecord.Training {
      RunRecord.Training(
        steps: 200, converged: true, accuracies: [], finalLoss: nil, seconds: 0,
        gradientNorms: looks.map { .init(step: $0.step, values: $0.values) })
    }
    // exp(−2s) and a constant, where s is the finished share of the training.
    let looks = [50, 100, 150, 200].map { (step: $0, values: [exp(-2 * Double($0) / 200), 3]) }
    let trends = try #require(try training(looks).gradientTrends(of: 2))
    #expect(abs(trends[0] + 2) < 1e-12 && abs(trends[1]) < 1e-12)
    #expect(try training(Array(looks.prefix(1))).gradientTrends(of: 2) == nil)
    #expect(try training(looks).gradientTrends(of: 3) == nil)
    #expect(try training(looks + [(200, [0, 1])]).gradientTrends(of: 2) == nil)
  }

  @Test("a snapshot of another plan or device is refused and kept")
  func otherOrigin() throws {
    try withFolder { folder in
      try stop(folder)
      let file = folder.appendingPathComponent("training.safetensors")
      let before = try Data(contentsOf: file)
      var others = [plan, plan, plan, plan]
      others[0].seed += 1
      others[1].maxSteps += 1
      others[2].learningRate *= 2
      others[3].task = .reverse
      for other in others {
        #expect {
          _ = try Trainer(other, on: CPUDevice(threads: 1)).model(in: folder)
        } throws: {
          if case StudyError.differentConfiguration = $0 { true } else { false }
        }
      }
      #expect {
        _ = try Trainer(plan, on: ReferenceDevice()).model(in: folder)
      } throws: { "\($0)".contains("device is cpu, not reference") }
      #expect(try Data(contentsOf: file) == before)
    }
  }

  @Test("a damaged snapshot is named and kept, and the error says what to do")
  func damaged() throws {
    try withFolder { folder in
      try stop(folder)
      let url = folder.appendingPathComponent("training.safetensors")
      let good = try SafetensorsFile(contentsOf: url)
      func metadata(_ key: String, _ value: String) -> [String: String] {
        good.metadata.merging([key: value]) { $1 }
      }
      func with(_ tensor: SafetensorsTensor) throws -> SafetensorsFile {
        try SafetensorsFile(
          metadata: good.metadata, tensors: good.tensors.map { $0.name == tensor.name ? tensor : $0 })
      }
      let count = try good.shape(of: "parameters")[0]
      let damages = [
        Data(), try good.serialised().dropLast(5), Data("garbage, garbage".utf8),
        try SafetensorsFile(metadata: metadata("state", "{}"), tensors: good.tensors).serialised(),
        try SafetensorsFile(metadata: metadata("origin", "no JSON"), tensors: good.tensors).serialised(),
        try with(SafetensorsTensor(name: "parameters", shape: [3], floats: [1, 2, 3])).serialised(),
        try with(
          SafetensorsTensor(
            name: "second_moment", shape: [count], floats: [Float](repeating: .nan, count: count))
        ).serialised(),
      ]
      for damage in damages {
        try damage.write(to: url)
        #expect {
          _ = try Trainer(plan, on: CPUDevice(threads: 1)).model(in: folder)
        } throws: { error in
          guard case StudyError.damagedState(let file, _, let delete) = error else { return false }
          return file == url.path && delete == [url.path] && "\(error)".contains("delete \(url.path)")
        }
        #expect(try Data(contentsOf: url) == damage)
      }
    }
  }

  /// Makes the folder's snapshot one of version 0.1.0, without losses and a checksum.
  private func makeFormer(_ folder: URL) throws {
    let url = folder.appendingPathComponent("training.safetensors")
    let file = try SafetensorsFile(contentsOf: url)
    let metadata = file.metadata.filter { $0.key != "causalgap_checksum" }
    try SafetensorsFile(metadata: metadata, tensors: file.tensors.filter { $0.name != "losses" }).write(
      to: url)
  }

  @Test(
    "a log that is lost, short, damaged or full of another run's rows is written anew from the snapshot",
    arguments: ["gone", "short", "no log", "of another run", "with a torn end", "unreadable"])
  func logFromSnapshot(damage: String) throws {
    try withFolder { whole in
      try withFolder { folder in
        try stop(folder, after: 21)
        let log = folder.appendingPathComponent("train.csv")
        let text = try String(contentsOf: log, encoding: .utf8)
        switch damage {
        case "gone": try FileManager.default.removeItem(at: log)
        case "short": try Data(text.prefix(40).utf8).write(to: log)
        case "no log": try Data("nonsense".utf8).write(to: log)
        case "of another run": try Data(text.replacing(",4.", with: ",3.").utf8).write(to: log)
        case "with a torn end": try Data((text + "22,4.1").utf8).write(to: log)
        default: try Data([0xff, 0, 0x80]).write(to: log)
        }
        let device = try CPUDevice(threads: 1)
        _ = try Trainer(plan, on: device).model(in: folder)
        _ = try Trainer(plan, on: device).model(in: whole)
        #expect(
          try Data(contentsOf: log) == Data(contentsOf: whole.appendingPathComponent("train.csv")))
      }
    }
  }

  @Test("what a process that has lost its folder still writes to its log does not get into the new one")
  func stalledWriter() throws {
    try withFolder { folder in
      try stop(folder)
      let log = folder.appendingPathComponent("train.csv")
      let stalled = try FileHandle(forWritingTo: log)
      try stalled.seekToEnd()
      try stop(folder, after: 3)
      let before = try Data(contentsOf: log)
      try stalled.write(contentsOf: Data("12,9.9,\n".utf8))
      #expect(try Data(contentsOf: log) == before)
      #expect(String(decoding: before, as: UTF8.self).split(separator: "\n").count == 1 + 14)
    }
  }

  @Test("beside a snapshot of 0.1.0, a log that lacks steps is reported instead of continued with a gap")
  func lostLog() throws {
    try withFolder { folder in
      try stop(folder)
      try makeFormer(folder)
      try Data("step,loss,accuracy\n1,4.5,\n".utf8).write(to: folder.appendingPathComponent("train.csv"))
      #expect {
        _ = try Trainer(plan, on: CPUDevice(threads: 1)).model(in: folder)
      } throws: { "\($0)".contains("train.csv can't be used: it lacks steps before 11") }
    }
  }

  @Test(
    "a run can start again after the files named by the error are deleted",
    arguments: [
      "train.csv of another system", "train.csv short", "train.csv gone", "snapshot", "train.json", "model",
      "train.json gone", "train.json without a stream",
    ])
  func advice(damage: String) throws {
    try withFolder { folder in
      let device = try CPUDevice(threads: 1)
      func file(_ name: String) -> URL { folder.appendingPathComponent(name) }
      let log = file("train.csv")
      if damage.hasPrefix("train.csv") || damage == "snapshot" {
        try stop(folder)
        if damage != "snapshot" { try makeFormer(folder) }
      } else {
        _ = try Trainer(plan, on: device).model(in: folder)
      }
      switch damage {
      case "train.csv of another system":
        let text = try String(contentsOf: log, encoding: .utf8)
        try Data(text.replacing("\n", with: "\r\n").utf8).write(to: log)
      case "train.csv short": try Data("step,loss,accuracy\n1,4.5,\n".utf8).write(to: log)
      case "train.csv gone": try FileManager.default.removeItem(at: log)
      case "snapshot": try Data("garbage".utf8).write(to: file("training.safetensors"))
      case "train.json": try Data("{}".utf8).write(to: file("train.json"))
      case "train.json without a stream":
        let text = try String(contentsOf: file("train.json"), encoding: .utf8)
        try Data(text.replacing("\"data\"", with: "\"dat\"").utf8).write(to: file("train.json"))
      case "train.json gone": try FileManager.default.removeItem(at: file("train.json"))
      default:
        try Data(contentsOf: file("model.safetensors")).dropLast(3).write(to: file("model.safetensors"))
      }
      let error = #expect(throws: StudyError.self) { _ = try Trainer(plan, on: device).model(in: folder) }
      guard case .damagedState(let named, _, let delete) = error else {
        Issue.record("expected .damagedState, not \(String(describing: error))")
        return
      }
      #expect(FileManager.default.fileExists(atPath: named) == (damage != "train.csv gone"))
      for path in delete {
        #expect(error?.description.contains("delete ") == true && error?.description.contains(path) == true)
        try FileManager.default.removeItem(atPath: path)
      }
      #expect(try Trainer(plan, on: device).model(in: folder).training?.steps == 30)
    }
  }

  @Test("a snapshot of version 0.1.0, with two keys in camel case and the losses in its log, is continued")
  func formerSnapshot() throws {
    try withFolder { folder in
      try stop(folder)
      try makeFormer(folder)
      let url = folder.appendingPathComponent("training.safetensors")
      let file = try SafetensorsFile(contentsOf: url)
      let state = try #require(file.metadata["state"])
      #expect(state.contains("\"data_stream\"") && state.contains("\"gradient_norms\""))
      let former = state.replacing("\"data_stream\"", with: "\"dataStream\"")
        .replacing("\"gradient_norms\"", with: "\"gradientNorms\"")
      try SafetensorsFile(
        metadata: file.metadata.merging(["state": former]) { $1 }, tensors: file.tensors
      ).write(to: url)
      let device = try CPUDevice(threads: 1)
      let continued = try Trainer(plan, on: device).model(in: folder)
      let straight = try withFolder { try Trainer(plan, on: device).model(in: $0) }
      #expect(continued.checkpoint.parameters == straight.checkpoint.parameters)
    }
  }

  @Test("a training whose loss becomes NaN ends at that step")
  func diverged() throws {
    try withFolder { folder in
      var plan = plan
      plan.learningRate = 1e12
      plan.maxSteps = 200
      #expect {
        _ = try Trainer(plan, on: CPUDevice(threads: 1)).model(in: folder)
      } throws: { error in
        guard case ModelError.diverged(let step, _) = error else { return false }
        return (2...200).contains(step)
      }
      #expect(
        !FileManager.default.fileExists(atPath: folder.appendingPathComponent("model.safetensors").path))
    }
  }

  @Test("a training does not replace a model of unknown origin")
  func unknownModel() throws {
    try withFolder { folder in
      let file = folder.appendingPathComponent("model.safetensors")
      try Data("precious".utf8).write(to: file)
      #expect {
        _ = try Trainer(plan, on: CPUDevice(threads: 1)).model(in: folder)
      } throws: { "\($0)".contains("no train.json") }
      #expect(try Data(contentsOf: file) == Data("precious".utf8))
    }
  }
}
