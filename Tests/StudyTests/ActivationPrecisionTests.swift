import CPUDevice
import Foundation
import Records
import TestDevices
import TestSupport
import Testing
import Transformer

@testable import Study

@Suite("Activations in half precision as an option of a run")
struct ActivationPrecisionTests {
  private func plan(_ activations: ActivationPrecision, layers: Int = 3) -> RunPlan {
    var plan = RecordedTask.plan(.sort, layers: layers, maxSteps: 30)
    plan.activations = activations
    plan.quick = true
    return plan
  }

  @Test("changes the model and is recorded; stopped and continued, or beside others, the model is the same")
  func results() throws {
    let device = try CPUDevice(threads: 2)
    func record(_ plans: [RunPlan], in folder: URL, models: Int = 1) throws -> RunRecord? {
      try Study(plans, on: device, in: folder, ensemble: .fixed(models)).run().first?.withoutTimings
    }
    try withFolder { folder in
      let expected = try #require(try record([plan(.half)], in: folder))
      #expect(expected.configuration.activations == "half")
      try withFolder { other in
        let single = try record([plan(.float32)], in: other)
        #expect(single?.configuration.activations == nil)
        #expect(single?.components != expected.components)
        // A folder holds runs of one precision.
        #expect(throws: (any Error).self) { try record([plan(.half)], in: other) }
      }
      try withFolder { continued in
        #expect(throws: StudyError.self) {
          try Study([plan(.half)], on: device, in: continued, supervisor: stopping(after: 11)).run()
        }
        #expect(throws: (any Error).self) { try record([plan(.bfloat16)], in: continued) }
        let again = try record([plan(.half)], in: continued)
        #expect(again == expected)
      }
      try withFolder { beside in
        var second = plan(.half)
        second.seed += 1
        let one = try record([plan(.half), second], in: beside, models: 2)
        #expect(one == expected)
      }
    }
  }

  @Test("is read from flags, travels with descriptions, and takes less memory")
  func options() throws {
    let options = try StudyOptions([GivenOption(flag: .activations, "bfloat16")])
    let read = try #require(try options.plans().first)
    #expect(read.activations == .bfloat16 && read.training.activations == .bfloat16)
    #expect(try StudyOptions().plan().activations == .float32)
    for precision in ActivationPrecision.allCases {
      let description = plan(precision).description
      let data = try JSONEncoder().encode(description)
      #expect(try JSONDecoder().decode(PlanDescription.self, from: data) == description)
      #expect(try RunPlan(description).activations == precision)
      #expect(String(decoding: data, as: UTF8.self).contains("activations") == (precision != .float32))
    }
    func bytes(_ precision: ActivationPrecision) throws -> Double {
      let estimate = MemoryEstimate()
      try estimate.addPasses(
        ModelConfiguration(layers: 24), rows: 1000, outputRows: 500, format: precision.format)
      return estimate.bytes
    }
    // 1,280 of 2,048 numbers in half precision, and the buffers that blocks share.
    #expect(try (0.31..<0.45).contains(bytes(.half) / bytes(.float32)))
    #expect(try bytes(.half) == bytes(.bfloat16))
    func run(_ precision: ActivationPrecision) throws -> Double {
      var plan = plan(precision, layers: 24)
      plan.batchSize = 64
      return try plan.memory(models: 64, largestAllocation: nil).bytes
    }
    #expect(try run(.half) < run(.float32))
  }

  @Test("leaves activation checkpointing to the analysis, which a line says")
  func checkpointing() throws {
    let device = try CPUDevice(threads: 1)
    var both = plan(.half)
    both.checkpointing = .on
    try both.validate(on: device)
    #expect(try both.checkpointingNote(on: device)?.contains("not in training") == true)
    both.checkpointing = .auto
    #expect(try both.checkpointingNote(on: device) == nil)
    // Every part that comes after a training can be computed again, so that less is needed.
    func bytes(_ recomputes: Bool) throws -> Double {
      try plan(.half, layers: 24).memory(models: 1, largestAllocation: nil, recomputes: recomputes).bytes
    }
    #expect(try bytes(true) < bytes(false))
    both.batchSize = 1_000_000
    both.model = ModelConfiguration(layers: 2, heads: 1, dModel: 4, dMLP: 1 << 24)
    #expect { try both.validate(on: device) } throws: {
      "\($0)".contains("or activation checkpointing instead of half")
    }
  }

  @Test("is refused with a name that there is none")
  func unknown() throws {
    #expect {
      try StudyOptions([GivenOption(flag: .activations, "float16")])
    } throws: {
      "\($0)".contains("there is no precision of activations 'float16'")
    }
  }

  @Test("says what to try where its numbers end")
  func overflow() throws {
    try withFolder { folder in
      let device = try CPUDevice(threads: 1)
      for precision in ActivationPrecision.allCases {
        var plan = plan(precision)
        (plan.learningRate, plan.maxSteps) = (1e12, 200)
        #expect {
          _ = try Trainer(plan, on: device).model(in: folder)
        } throws: {
          "\($0)".contains("or --activations bfloat16") == (precision == .half)
        }
      }
    }
  }
}
