import Compute
import Foundation
import Kernels
import TestDevices
import Testing

@testable import OpenCLDevice

/// A launch chooses its tile by its size, so a model would not have the same bits in any company if they
/// depended on the tile.
@Suite("Kernels for GPUs have the same bits with every tile", .enabled(if: TestOpenCL.isEnabled), .serialized)
struct TileTests {
  /// A device that is tuned to values of some files.
  private func device(_ files: [KernelSources], _ values: KernelValues) throws -> OpenCLDevice {
    let info = try TestOpenCL.first()
    var record = TuningRecord(device: info.description.name, driver: info.description.driver)
    for kernel in TunableKernel.all(.local) where files.contains(kernel.file) {
      let whole = KernelValues(kernel.defaults(on: info)).overridden(by: values)
      #expect(kernel.file.constraints.violation(whole, info.limits) == nil, "\(kernel.name)")
      record.kernels[kernel.name] = TuningRecord.Entry(
        parameters: whole.values, source: kernel.source, gigaflops: 0, defaultGigaflops: 0, date: "")
    }
    return try OpenCLDevice(info, family: .local, tuning: record)
  }

  private func matrix(_ device: OpenCLDevice, _ rows: Int, _ columns: Int, _ step: Float) throws -> Matrix {
    Matrix(try device.makeBuffer((0..<rows * columns).map { sin(Float($0) * step) }), columns: columns)
  }

  private func bits(_ device: OpenCLDevice, _ buffers: [any Buffer]) throws -> [[UInt32]] {
    try buffers.map { try device.read($0).map { (value: Float) in value.bitPattern } }
  }

  @Test("in products and their gradients")
  func products() throws {
    let results = try LocalTileSize.allCases.map { size in
      let files: [KernelSources] = [.matmulLocal, .matmulInputGradientLocal, .matmulWeightGradientLocal]
      return try products(on: device(files, size.values))
    }
    #expect(results.allSatisfy { $0 == results[0] })
  }

  private func products(on device: OpenCLDevice) throws -> [[UInt32]] {
    let (rows, depth, columns) = (300, 70, 139)
    func parameter(_ rows: Int, _ columns: Int) throws -> Parameter {
      Parameter(try matrix(device, rows, columns, 0.3).buffer, rows: rows, columns: columns)
    }
    let groups = try RowGroups(rows: rows)
    let (input, output) = (try matrix(device, rows, depth, 0.7), try matrix(device, rows, columns, 0))
    let (weight, argument) = (try parameter(depth, columns), try matrix(device, rows, columns, 0))
    let (weightGradient, biasGradient) = (try parameter(depth, columns), try parameter(1, columns))
    let inputGradient = try matrix(device, rows, depth, 0)
    var product = Matmul(input: input, weight: weight, output: output, rows: groups)
    (product.bias, product.activation, product.preActivation) = (try parameter(1, columns), .gelu, argument)
    try device.matmul(product)
    try device.matmulInputGradient(
      MatmulInputGradient(
        outputGradient: output, weight: weight, preActivation: input, inputGradient: inputGradient,
        rows: groups))
    try device.matmulWeightGradient(
      MatmulWeightGradient(
        input: input, outputGradient: output, weightGradient: weightGradient, biasGradient: biasGradient,
        rows: groups))
    return try bits(
      device,
      [output.buffer, argument.buffer, inputGradient.buffer, weightGradient.buffer, biasGradient.buffer])
  }

  @Test(
    "in attention and its gradients", arguments: [AttentionScores(), AttentionScores(cap: 1, window: 13)])
  func attention(scores: AttentionScores) throws {
    let results = try [(32, 1), (16, 1), (16, 2), (16, 4), (64, 2)].map { rows, tiles in
      try attention(
        scores, on: device([.attentionLocal, .attentionBackwardLocal], ["ROWS": rows, "TILES": tiles]))
    }
    #expect(results.allSatisfy { $0 == results[0] })
  }

  private func attention(_ scores: AttentionScores, on device: OpenCLDevice) throws -> [[UInt32]] {
    let (heads, width) = (3, 3 * 20)
    let lengths = [5, 40, 1, 17, 33]
    let rows = lengths.reduce(0, +)
    let starts = lengths.indices.map { lengths[..<$0].reduce(0, +) }
    let layout = try AttentionLayout(
      zip(starts, lengths).map {
        AttentionSequence(firstQuery: $0, queryCount: $1, firstKey: $0, keyCount: $1)
      },
      positions: lengths.flatMap { (0..<$0).map(Int32.init) })
    let inputs = try [0.3, 0.5, 0.7, 0.9].map { try matrix(device, rows, width, $0) }
    let outputs = try (0..<4).map { _ in try matrix(device, rows, width, 0) }
    let logSumExp = try matrix(device, rows, heads, 0)
    try device.attention(
      Attention(
        query: inputs[0], key: inputs[1], value: inputs[2], heads: heads, output: outputs[0],
        logSumExp: logSumExp, layout: layout, scores: scores))
    try device.attentionBackward(
      AttentionBackward(
        query: inputs[0], key: inputs[1], value: inputs[2], heads: heads, output: outputs[0],
        logSumExp: logSumExp, outputGradient: inputs[3], queryGradient: outputs[1], keyGradient: outputs[2],
        valueGradient: outputs[3], layout: layout, scores: scores))
    return try bits(device, outputs.map(\.buffer) + [logSumExp.buffer])
  }
}
