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
  @Test(
    "have a format with all its numbers, which finds the first that is not finite",
    arguments: HalfFormat.allCases)
  func format(format: HalfFormat) {
    for bits in UInt16.min...UInt16.max {
      let value = format.value(bits)
      guard value.isFinite else { continue }
      #expect(format.bits(value) == bits)
    }
    #expect(format.value(0x3c00) == (format == .float16 ? 1 : 0.0078125))
    for special: UInt16 in format == .float16 ? [0x7c00, 0xfc00, 0x7c01] : [0x7f80, 0xff80, 0x7fc0] {
      let bits = [0, 0x3c00, 0xbc00, special - 1, special, 0, special]
      let isFinite = format.value(special - 1).isFinite
      #expect(bits.withUnsafeBufferPointer { format.firstNotFinite(in: $0) } == (isFinite ? 4 : 3))
      #expect(bits[..<3].withUnsafeBufferPointer { format.firstNotFinite(in: $0) } == nil)
    }
  }

  @Test("give the same bits as in single precision", arguments: Fixtures.families, Backend.allCases)
  func sameBits(name: String, backend: Backend) throws {
    let format: HalfFormat = name.count % 2 == 0 ? .bfloat16 : .float16
    try withRounded(name, { _ in format }) { source, _ in
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
      try withRounded("llama", format) { source, _ in
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

  @Test("are neither written nor copied as single precision")
  func refusals() throws {
    try withRounded("llama", { _ in .bfloat16 }) { source, _ in
      let model = try source.transformer(on: Backend.cpu.make(), weights: .keep)
      let half = try #require(model.parameters.buffers.first { $0 is HalfBuffer })
      #expect(throws: ComputeError.self) { try model.device.write([Float(1)], to: half, at: 0) }
      #expect(throws: ComputeError.self) {
        try model.device.copy(from: half, 0..<2, to: model.device.makeBuffer(count: 2), at: 0)
      }
    }
  }

  @Test("are refused if one is not finite, by its place in the file")
  func notFinite() throws {
    try withRounded("llama", { _ in .float16 }) { source, folder in
      let name = try #require(source.tensors.first { $0.name.hasSuffix("down_proj.weight") }).name
      let url = folder.appendingPathComponent("model.safetensors")
      let file = try SafetensorsFile(contentsOf: url)
      let spoilt = try file.tensors.map { tensor in
        guard tensor.name == name else { return tensor }
        var data = try tensor.contents()
        (data[14], data[15]) = (0x00, 0xfc)
        return try SafetensorsTensor(name: name, dtype: .float16, shape: tensor.shape, data: data)
      }
      try SafetensorsFile(tensors: spoilt).write(to: url)
      let damaged = try CheckpointSource(folder)
      for weights in [WeightPrecision.keep, .float32] {
        let error = #expect(throws: SafetensorsError.self) {
          try damaged.transformer(on: Backend.cpu.make(), weights: weights)
        }
        guard case .nonFinite(_, name, 7) = error else {
          Issue.record("\(String(describing: error))"); continue
        }
      }
    }
  }

  /// Calls `body` with the model of a fixture whose tensors, by their index in the file, are rounded to half precision, and with its folder.
  private func withRounded(
    _ name: String, _ format: (Int) -> HalfFormat?, _ body: (CheckpointSource, URL) throws -> Void
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
      try body(CheckpointSource(folder), folder)
    }
  }
}

extension HalfFormat {
  /// The bits of a value that this format can represent; nil for another.
  fileprivate func bits(_ value: Float) -> UInt16? {
    let pattern = value.bitPattern
    // The inverse of `value`.
    let magnitude = (value.magnitude * 0x1p-112).bitPattern >> 13
    let bits =
      self == .bfloat16
      ? UInt16(pattern >> 16) : UInt16(truncatingIfNeeded: pattern >> 16 & 0x8000 | magnitude & 0x7fff)
    return self.value(bits).bitPattern == pattern ? bits : nil
  }
}
