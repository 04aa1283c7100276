import Compute
import Foundation
import HalfPrecision
import Safetensors
import TestDevices
import TestModels
import TestSupport
import Testing

@testable import Transformer

@Suite("Weights kept in half precision") struct HalfWeightsTests {
  @Test("every finite number has its own bits, and no other value has any", arguments: HalfFormat.allCases)
  func format(format: HalfFormat) {
    for bits in UInt16.min...UInt16.max {
      let value = format.value(bits)
      guard value.isFinite else { continue }
      #expect(format.bits(value) == bits)
      if value != 0 { #expect(format.bits(value.nextUp) == nil) }
    }
    #expect(format.value(0x3c00) == (format == .float16 ? 1 : 0.0078125))
    #expect(format.words([1, -2, 0.5])?.count == 2)
    #expect(format.words([1, 0.1]) == nil)
    #expect(HalfFormat.float16.bits(65536) == nil && HalfFormat.float16.bits(0x1p-25) == nil)
  }

  @Test("give the same bits as in single precision", arguments: Fixtures.families, Backend.allCases)
  func sameBits(name: String, backend: Backend) throws {
    let format: HalfFormat = name.count % 2 == 0 ? .bfloat16 : .float16
    try withRounded(name, { _ in format }) { source in
      let sequences = try Fixtures.tensors("families/\(name)/check.safetensors").sequences()
      func results(_ weights: WeightPrecision) throws -> [[Float]] {
        let model = try source.transformer(on: backend.make(), weights: weights)
        #expect((model.parameters.buffers.contains { $0 is HalfBuffer }) == (weights == .keep))
        let batch = try Batch(sequences, .live, for: model.configuration, on: model.device)
        try model.computeGradients(batch)
        let value = model.layout.blocks[0].attention.queryKeyValue.weight
        let norms = try model.device.makeBuffer(count: 1)
        try model.parameters.norms(of: [.init(value.segment)], into: norms, on: model.device)
        return [
          try model.readLogits(batch), try model.gradients(ofModel: 0), try model.parameters(ofModel: 0),
          try model.device.read(norms), try model.values(of: value).map(Float.init),
        ]
      }
      let (wide, kept) = (try results(.float32), try results(.keep))
      for (wide, kept) in zip(wide, kept) { #expect(wide.bits == kept.bits) }
    }
  }

  @Test("take half the memory of matrices; a matrix of several formats is in single precision")
  func memory() throws {
    func buffers(_ format: (Int) -> HalfFormat?) throws -> ParameterStore {
      var store: ParameterStore?
      try withRounded("llama", format) { source in
        store = try source.transformer(on: Backend.cpu.make(), weights: .keep).parameters
      }
      return try #require(store)
    }
    let all = try buffers { _ in .bfloat16 }
    let halves = all.buffers.compactMap { $0 as? HalfBuffer }
    #expect(halves.count == 4 * all.layout.blocks.count + 1)
    #expect(halves.allSatisfy { $0.words.count == ($0.count + 1) / 2 })
    #expect(try buffers { _ in nil }.buffers.contains { $0 is HalfBuffer } == false)
    let mixed = try buffers { $0 % 2 == 0 ? .bfloat16 : .float16 }
    #expect(mixed.buffers.count { $0 is HalfBuffer } < halves.count)
  }

  @Test("are written in pairs, and only with numbers of their format")
  func refusals() throws {
    let device = try WideningDevice(Backend.cpu.make())
    let buffer = try HalfBuffer(count: 5, .bfloat16, on: device)
    try device.write([1, 2, 3, 4, 5], to: buffer, at: 0)
    try device.write([-3], to: buffer, at: 4)
    #expect(try device.read(buffer, 1..<5) == [2, 3, 4, -3])
    #expect(throws: ComputeError.self) { try device.write([1, 2], to: buffer, at: 1) }
    #expect(throws: ComputeError.self) { try device.write([1], to: buffer, at: 0) }
    #expect(throws: ComputeError.self) { try device.write([0.1, 1], to: buffer, at: 0) }
    #expect(throws: ComputeError.self) {
      try device.copy(from: buffer, 0..<2, to: device.makeBuffer(count: 2), at: 0)
    }
  }

  /// Calls `body` with the model of a fixture whose tensors, by their index in the file, are rounded to half precision.
  private func withRounded(
    _ name: String, _ format: (Int) -> HalfFormat?, _ body: (CheckpointSource) throws -> Void
  ) throws {
    try withFolder { folder in
      let original = try Fixtures.url("families/\(name)")
      let file = try SafetensorsFile(contentsOf: original.appendingPathComponent("model.safetensors"))
      let tensors = try file.tensors.enumerated().map { index, tensor in
        let values = try file.floats(named: tensor.name)
        guard let format = format(index) else {
          return try SafetensorsTensor(name: tensor.name, shape: tensor.shape, floats: values)
        }
        // Cutting off the last bits of the fraction leaves a number of the format.
        let cut: UInt32 = format == .bfloat16 ? 0xffff_0000 : 0xffff_e000
        var data = Data()
        for value in values {
          let kept = abs(value) < 0x1p-14 ? 0 : Float(bitPattern: value.bitPattern & cut)
          let bits = try #require(format.bits(kept)).littleEndian
          withUnsafeBytes(of: bits) { data.append(contentsOf: $0) }
        }
        return try SafetensorsTensor(
          name: tensor.name, dtype: format == .bfloat16 ? .bfloat16 : .float16, shape: tensor.shape,
          data: data)
      }
      try FileManager.default.copyItem(
        at: original.appendingPathComponent("config.json"), to: folder.appendingPathComponent("config.json"))
      try SafetensorsFile(tensors: tensors).write(to: folder.appendingPathComponent("model.safetensors"))
      try body(CheckpointSource(folder))
    }
  }
}
