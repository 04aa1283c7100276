import CPUDevice
import Compute
import Foundation
import Records
import ReferenceDevice
import Safetensors
import Tasks
import Testing
import Transformer

@testable import Study

@Suite("Training, stopped and continued")
struct TrainingTests {
  private let plan = RecordedTask.plan(.sort, maxSteps: 30, learningRate: 1e-3)

  private func stop(_ folder: URL, after steps: Int = 11) throws {
    #expect {
      _ = try Trainer(plan, on: CPUDevice(threads: 1), supervisor: stopping(after: steps)).model(in: folder)
    } throws: {
      if case StudyError.interrupted = $0 { true } else { false }
    }
  }

  @Test("a training stopped at any step ends as one that was not", arguments: [0, 1, 11, 29])
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

  @Test("a damaged snapshot is named, with what to do, and kept")
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
        Data(), good.serialised().dropLast(5), Data("garbage, garbage".utf8),
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
          guard case StudyError.damagedState(let file, _) = error else { return false }
          return file == url.path && "\(error)".contains("delete it")
        }
        #expect(try Data(contentsOf: url) == damage)
      }
    }
  }

  @Test("a log that lost steps is named rather than continued with a gap")
  func lostLog() throws {
    try withFolder { folder in
      try stop(folder)
      try Data("step,loss,accuracy\n1,4.5,\n".utf8).write(to: folder.appendingPathComponent("train.csv"))
      #expect {
        _ = try Trainer(plan, on: CPUDevice(threads: 1)).model(in: folder)
      } throws: { "\($0)".contains("train.csv lacks steps before 11") }
    }
  }

  @Test("a training whose loss is no number ends with the step at which it was lost")
  func diverged() throws {
    try withFolder { folder in
      var plan = plan
      plan.learningRate = 1e12
      plan.maxSteps = 200
      #expect {
        _ = try Trainer(plan, on: CPUDevice(threads: 1)).model(in: folder)
      } throws: { error in
        guard case ModelError.diverged(let step) = error else { return false }
        return (2...200).contains(step)
      }
      #expect(
        !FileManager.default.fileExists(atPath: folder.appendingPathComponent("model.safetensors").path))
    }
  }

  @Test("a model of unknown origin is not trained over")
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
