import CPUDevice
import Foundation
import Safetensors
import Tasks
import TestSupport
import Testing
import Transformer

@testable import Study

@Suite("Damage and mix-ups of a training's files")
struct ChecksumTests {
  private let plan = RecordedTask.plan(.sort, maxSteps: 8, learningRate: 1e-3)

  private func train(_ plan: RunPlan, in folder: URL, stopAfter steps: Int? = nil) throws {
    let supervisor = steps.map { stopping(after: $0) } ?? Supervisor()
    _ = try Trainer(plan, on: CPUDevice(threads: 1), supervisor: supervisor).model(in: folder)
  }

  /// Flips one bit in each of `count` places spread over a file; `body` tries the file after each.
  private func flip(_ file: URL, count: Int, _ body: (Int) throws -> Void) throws {
    let whole = try Data(contentsOf: file)
    defer { try? whole.write(to: file) }
    for number in 0..<count {
      // From the end backwards as well: header and tensors.
      let place = number * (whole.count - 1) / (count - 1)
      var damaged = whole
      damaged[place] ^= 1 << UInt8(number % 8)
      try damaged.write(to: file)
      try body(place)
    }
  }

  @Test("a bit that flips anywhere in a snapshot is noticed, or changes nothing")
  func snapshot() throws {
    try withFolder { folder in
      #expect(throws: StudyError.self) { try train(plan, in: folder, stopAfter: 5) }
      let file = folder.appendingPathComponent("training.safetensors")
      let device = try CPUDevice(threads: 1)
      let snapshot = TrainingSnapshot(folder: folder, plan: plan.training, device: device)
      let kept = try #require(try snapshot.read())
      try flip(file, count: 150) { place in
        do {
          let found = try #require(try snapshot.read())
          #expect(found.losses == kept.losses && found.state.dataStream == kept.state.dataStream, "\(place)")
        } catch let error as StudyError {
          #expect("\(error)".contains(file.path))
        }
      }
      #expect(try snapshot.read()?.losses == kept.losses)
    }
  }

  @Test("a bit that flips anywhere in a model or its train.json is noticed, or changes nothing")
  func model() throws {
    try withFolder { folder in
      try train(plan, in: folder)
      let device = try CPUDevice(threads: 1)
      let training = Training(plan, in: folder)
      let kept = try #require(try training.keptModel(on: device))
      for (name, count) in [("model.safetensors", 100), ("train.json", 300)] {
        let file = folder.appendingPathComponent(name)
        try flip(file, count: count) { place in
          do {
            let found = try #require(try training.keptModel(on: device))
            #expect(found.checkpoint.parameters == kept.checkpoint.parameters, "\(name), \(place)")
            #expect(
              found.dataStream == kept.dataStream && found.training == kept.training, "\(name), \(place)")
          } catch let error as StudyError {
            #expect("\(error)".contains(file.path))
          }
        }
      }
    }
  }

  @Test("a header that names another type of the same size, or a value in a tensor, no longer matches")
  func mismatch() throws {
    try withFolder { folder in
      try train(plan, in: folder)
      let url = folder.appendingPathComponent("model.safetensors")
      var data = try Data(contentsOf: url)
      data[data.count - 2] ^= 1
      try data.write(to: url)
      let error = #expect(throws: SafetensorsError.self) { try Checkpoint(contentsOf: url) }
      #expect(error == .checksumMismatch(file: url.path))
      #expect(error?.description.contains("does not match the checksum") == true)
    }
  }

  @Test("another run's model, or an older one, is not taken for the one that train.json describes")
  func mixUp() throws {
    try withFolder { folder in
      let other = folder.appendingPathComponent("other")
      let own = folder.appendingPathComponent("own")
      var otherPlan = plan
      otherPlan.seed += 1
      for (plan, place) in [(plan, own), (otherPlan, other)] {
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: false)
        try train(plan, in: place)
      }
      let model = own.appendingPathComponent("model.safetensors")
      try Data(contentsOf: other.appendingPathComponent("model.safetensors")).write(to: model)
      let error = #expect(throws: StudyError.self) { try train(plan, in: own) }
      #expect(error?.description.contains("\(model.path) is not the model that") == true)
      #expect(error?.description.contains("delete \(model.path) to train it again") == true)
      let found = #expect(throws: StudyError.self) { try FoundModel(checkpointAt: model) }
      #expect(found?.description.contains("move \(own.path)/train.json away") == true)
      try FileManager.default.removeItem(at: model)
      try train(plan, in: own)
      _ = try FoundModel(checkpointAt: model)
    }
  }

  @Test("a model and a train.json without checksums, as version 0.1.0 wrote them, are taken as they are")
  func former() throws {
    try withFolder { folder in
      try train(plan, in: folder)
      let url = folder.appendingPathComponent("model.safetensors")
      let file = try SafetensorsFile(contentsOf: url)
      try SafetensorsFile(
        metadata: file.metadata.filter { $0.key != "causalgap_checksum" }, tensors: file.tensors
      ).write(to: url)
      // The description names a checksum, so a model without one is another.
      #expect(throws: StudyError.self) { try train(plan, in: folder) }
      let json = TrainingDescription.file(in: folder)
      let lines = try String(contentsOf: json, encoding: .utf8).split(separator: "\n")
      try Data(lines.filter { !$0.contains("checksum\" :") }.joined(separator: "\n").utf8).write(to: json)
      try train(plan, in: folder)
    }
  }
}
