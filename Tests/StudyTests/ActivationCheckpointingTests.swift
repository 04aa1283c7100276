import CPUDevice
import Compute
import Foundation
import Records
import TestDevices
import TestSupport
import Testing
import Transformer

@testable import Study

@Suite("Activation checkpointing of a run")
struct ActivationCheckpointingTests {
  private func plan(_ checkpointing: ActivationCheckpointing, rules: StudyProtocol = .published) -> RunPlan {
    var plan = RecordedTask.plan(.sort, layers: 3, maxSteps: 30, rules: rules)
    plan.checkpointing = checkpointing
    plan.quick = true
    return plan
  }

  @Test("changes no result of a study and no snapshot", arguments: StudyProtocol.all.map(\.name))
  func results(name: String) throws {
    let rules = try StudyProtocol.named(name)
    let device = try CPUDevice(threads: 2)
    func record(_ checkpointing: ActivationCheckpointing, in folder: URL) throws -> RunRecord? {
      try Study([plan(checkpointing, rules: rules)], on: device, in: folder).run().first?.withoutTimings
    }
    try withFolder { plain in
      let expected = try record(.off, in: plain)
      try withFolder { folder in
        // Begun with checkpointing and continued without it.
        let begun = plan(.on, rules: rules)
        #expect(throws: StudyError.self) {
          try Study([begun], on: device, in: folder, supervisor: stopping(after: 11)).run()
        }
        let continued = try record(.off, in: folder)
        #expect(continued == expected)
      }
      try withFolder { folder in
        let other = try record(.on, in: folder)
        #expect(other == expected)
      }
    }
  }

  @Test("is chosen by auto where a run does not fit otherwise, which one line says")
  func auto() throws {
    var plan = plan(.auto)
    plan.model = ModelConfiguration(layers: 12, heads: 4, dModel: 64, dMLP: 256)
    plan.batchSize = 64
    func bytes(_ recomputes: Bool) throws -> Int {
      let needed = try plan.memory(models: 1, largestAllocation: nil, recomputes: recomputes)
      return Int(needed.bytes + needed.hostBytes)
    }
    let (whole, reduced) = (try bytes(false), try bytes(true))
    #expect(2 * reduced < whole)
    func check(_ memory: Int, _ body: (any Device) throws -> Void) throws {
      try body(SmallDevice(try CPUDevice(threads: 1), memory: memory))
    }
    try check(whole) { device in
      #expect(try !plan.recomputesActivations(on: device))
      #expect(try plan.checkpointingNote(on: device) == nil)
      try plan.validate(on: device)
    }
    try check(whole - 1) { device in
      #expect(try plan.recomputesActivations(on: device))
      #expect(
        try plan.checkpointingNote(on: device)?.hasPrefix("activation checkpointing: on, because") == true)
      try plan.validate(on: device)
      var off = plan
      off.checkpointing = .off
      #expect(try !off.recomputesActivations(on: device))
      #expect(try off.checkpointingNote(on: device) == nil)
      #expect { try off.validate(on: device) } throws: { "\($0)".contains("--activation-checkpointing auto") }
    }
    try check(reduced - 1) { device in
      #expect { try plan.validate(on: device) } throws: { "\($0)".contains("and activation checkpointing") }
    }
    var on = plan
    on.checkpointing = .on
    try check(.max) { device in
      let (recomputes, note) = (
        try on.recomputesActivations(on: device), try on.checkpointingNote(on: device)
      )
      #expect(recomputes && note == nil)
    }
  }

  @Test("is an option of a study that no description and no record has")
  func option() throws {
    let options = try StudyOptions([GivenOption(flag: .activationCheckpointing, "on")])
    let plans = try options.plans()
    #expect(plans.allSatisfy { $0.checkpointing == .on })
    #expect(try options.plan().checkpointing == .on && StudyOptions().plan().checkpointing == .auto)
    #expect(try options.settings() == StudyOptions().settings())
    let record = try RecordCoding.encode(try #require(plans.first).recordConfiguration)
    #expect(!String(decoding: record, as: UTF8.self).contains("checkpointing"))
    #expect {
      try StudyOptions([GivenOption(flag: .activationCheckpointing, "yes")])
    } throws: {
      "\($0)".contains("there is no kind of checkpointing 'yes'; use auto, on, off")
    }
  }
}

/// A device with little memory.
private final class SmallDevice: ForwardingDevice {
  let device: any Device
  let description: DeviceDescription

  init(_ device: any Device, memory: Int) {
    self.device = device
    var description = device.description
    description.memory = memory
    self.description = description
  }

  func perform(_ operation: any DeviceOperation) throws { try operation.run(on: device) }
}
