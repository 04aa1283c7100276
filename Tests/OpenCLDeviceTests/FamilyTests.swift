import Compute
import Foundation
import Kernels
import OperationSuite
import ReferenceDevice
import TestDevices
import Testing

@testable import OpenCLDevice

@Suite("Both families of kernels", .enabled(if: TestOpenCL.isEnabled), .serialized)
struct FamilyTests {
  private func makeDevice(_ family: KernelFamily, tuning: TuningRecord? = nil) throws -> OpenCLDevice {
    try OpenCLDevice(try TestOpenCL.first(), family: family, tuning: tuning)
  }

  @Test("every operation agrees with the reference", arguments: KernelFamily.allCases)
  func quickSuite(family: KernelFamily) throws {
    let device = try makeDevice(family)
    for verdict in try validate(device, against: ReferenceDevice(), depth: .quick) where !verdict.passed {
      Issue.record(
        """
        \(verdict.operation), \(verdict.shape), \(verdict.output): error \(verdict.error), bound \
        \(verdict.bound) \(verdict.message ?? "")
        """)
    }
  }

  /// Few rows a chunk, so that a model of the quick suite has many, and parts of a head.
  @Test("sums cut into chunks and heads cut into parts agree with the reference")
  func chunks() throws {
    let info = try TestOpenCL.first()
    var record = TuningRecord(device: info.description.name, driver: info.description.driver)
    for kernel in TunableKernel.all(.local) {
      var values = kernel.defaults(on: info)
      if values["SPLIT_ROWS"] != nil { values["SPLIT_ROWS"] = 16 }
      if values["PARTS"] != nil { (values["PARTS"], values["ROWS"], values["STEP"]) = (4, 16, 4) }
      if values["LANES"] != nil { (values["LANES"], values["GROUP_ROWS"]) = (8, 1) }
      if values["MICRO_ROWS"] != nil { (values["MICRO_ROWS"], values["MICRO_COLUMNS"]) = (8, 4) }
      if values["TILE_ROWS"] != nil { values["TILE_ROWS"] = 32 }
      record.kernels[kernel.name] = TuningRecord.Entry(
        parameters: values, source: kernel.source, gigaflops: 0, defaultGigaflops: 0, date: "")
      #expect(kernel.file.constraints.violation(KernelValues(values), info.limits) == nil, "\(kernel.name)")
    }
    let operations = [
      MatmulWeightGradient.name, Attention.name, AttentionBackward.name, LayerNormWeightGradient.name,
      CrossEntropy.name, ColumnMeans.name,
    ]
    let device = try makeDevice(.local, tuning: record)
    #expect(try device.values(.matmulLocal)["MICRO_ROWS"] == 8)
    let verdicts = try validate(
      device, against: ReferenceDevice(), operations: operations, depth: .quick)
    for verdict in verdicts where !verdict.passed {
      Issue.record("\(verdict.operation), \(verdict.shape), \(verdict.output): \(verdict.message ?? "")")
    }
  }

  @Test(
    "launches don't grow with the ensemble, and a model's result does not depend on its company",
    arguments: KernelFamily.allCases)
  func ensemble(family: KernelFamily) throws {
    let device = try makeDevice(family)
    let (alone, company) = (try Ensemble(models: 1, on: device), try Ensemble(models: 9, on: device))
    #expect(alone.launches == company.launches)
    for (name, values) in alone.first {
      #expect(values.allSatisfy { $0.isFinite }, "\(name)")
      #expect(company.first[name] == values, "\(name)")
    }
  }

  /// The last row of a sequence is infinite or not a number: the rows before it don't see it.
  @Test("a row that is not finite reaches no row that does not see it", arguments: KernelFamily.allCases)
  func poison(family: KernelFamily) throws {
    let device = try makeDevice(family)
    let (rows, width) = (21, 32)
    func matrix(_ poison: Float?) throws -> Matrix {
      let values = (0..<rows * width).map { index in
        index / width == rows - 1 ? poison ?? 1 : sin(Float(index) * 0.3)
      }
      return Matrix(try device.makeBuffer(values), columns: width)
    }
    let layout = try AttentionLayout(
      [AttentionSequence(firstQuery: 0, queryCount: rows, firstKey: 0, keyCount: rows)],
      positions: (0..<Int32(rows)).map { $0 })
    for poison in [Float.nan, .infinity] {
      let output = try matrix(nil)
      let logSumExp = Matrix(try device.makeBuffer(count: rows), columns: 1)
      let (query, key, value) = (try matrix(poison), try matrix(poison), try matrix(poison))
      try device.attention(
        Attention(
          query: query, key: key, value: value, heads: 1, output: output, logSumExp: logSumExp, layout: layout
        ))
      let before = 0..<(rows - 1) * width
      #expect(try device.read(output.buffer, before).allSatisfy { $0.isFinite }, "\(poison)")

      let gradients = [try matrix(nil), try matrix(nil), try matrix(nil)]
      try device.attentionBackward(
        AttentionBackward(
          query: query, key: key, value: value, heads: 1, output: output, logSumExp: logSumExp,
          outputGradient: try matrix(1), queryGradient: gradients[0], keyGradient: gradients[1],
          valueGradient: gradients[2], layout: layout))
      #expect(try device.read(gradients[0].buffer, before).allSatisfy { $0.isFinite }, "\(poison)")
    }
  }

  /// The gradient of one query in the middle is not a number: the keys behind it don't see it.
  @Test(
    "a gradient that is not finite reaches no key its query does not see", arguments: KernelFamily.allCases)
  func poisonedGradient(family: KernelFamily) throws {
    let device = try makeDevice(family)
    let (rows, width, middle) = (21, 32, 9)
    func matrix(_ columns: Int, poisoned: Bool = false) throws -> Matrix {
      let values = (0..<rows * columns).map { index in
        poisoned && index / columns == middle ? Float.nan : sin(Float(index) * 0.3)
      }
      return Matrix(try device.makeBuffer(values), columns: columns)
    }
    let gradients = [try matrix(width), try matrix(width), try matrix(width)]
    try device.attentionBackward(
      AttentionBackward(
        query: matrix(width), key: matrix(width), value: matrix(width), heads: 1, output: matrix(width),
        logSumExp: matrix(1), outputGradient: matrix(width, poisoned: true), queryGradient: gradients[0],
        keyGradient: gradients[1], valueGradient: gradients[2],
        layout: AttentionLayout(
          [AttentionSequence(firstQuery: 0, queryCount: rows, firstKey: 0, keyCount: rows)],
          positions: (0..<Int32(rows)).map { $0 })))
    for gradient in gradients.dropFirst() {
      #expect(
        try device.read(gradient.buffer, (middle + 1) * width..<rows * width).allSatisfy { $0.isFinite })
      #expect(try device.read(gradient.buffer, 0..<(middle + 1) * width).allSatisfy { !$0.isFinite })
    }
    #expect(try device.read(gradients[0].buffer, 0..<middle * width).allSatisfy { $0.isFinite })
  }
}

/// One launch after another of operations that sum over rows, on models of the same numbers.
private struct Ensemble {
  var launches: Int
  /// By operation, what the first model got.
  var first: [String: [Float]]

  init(models: Int, on device: OpenCLDevice) throws {
    let (rows, depth, columns) = (300, 19, 37)
    let groups = try RowGroups((0..<models).map { RowGroup(model: $0, firstRow: $0 * rows, count: rows) })
    func matrix(_ columns: Int) throws -> Matrix {
      Matrix(
        try device.makeBuffer((0..<models * rows * columns).map { sin(Float($0) * 0.7) }), columns: columns)
    }
    func parameter(_ rows: Int, _ columns: Int) throws -> Parameter {
      Parameter(
        try device.makeBuffer((0..<models * rows * columns).map { cos(Float($0) * 0.3) }), rows: rows,
        columns: columns, modelStride: rows * columns)
    }
    let before = device.launchCount
    let (input, output, weight) = (try matrix(depth), try matrix(columns), try parameter(depth, columns))
    let (weightGradient, biasGradient) = (try parameter(depth, columns), try parameter(1, columns))
    try device.matmul(Matmul(input: input, weight: weight, output: output, rows: groups))
    try device.matmulWeightGradient(
      MatmulWeightGradient(
        input: input, outputGradient: output, weightGradient: weightGradient, biasGradient: biasGradient,
        rows: groups))
    let (normalized, inputGradient) = (try matrix(depth), try matrix(depth))
    let (statistics, means) = (try matrix(2), try matrix(columns))
    let (shift, scale) = (try parameter(1, depth), try parameter(1, depth))
    try device.layerNorm(
      LayerNorm(
        input: input, weight: scale, bias: shift, epsilon: 1e-5, output: normalized, statistics: statistics,
        rows: groups))
    try device.layerNormWeightGradient(
      LayerNormWeightGradient(
        input: input, statistics: statistics, outputGradient: normalized, weightGradient: scale,
        biasGradient: shift, rows: groups))
    try device.matmulInputGradient(
      MatmulInputGradient(outputGradient: output, weight: weight, inputGradient: inputGradient, rows: groups))
    try device.columnMeans(ColumnMeans(input: output, output: means, rows: groups))
    launches = device.launchCount - before
    first = [
      Matmul.name: try device.read(output.buffer, 0..<rows * columns),
      MatmulInputGradient.name: try device.read(inputGradient.buffer, 0..<rows * depth),
      MatmulWeightGradient.name: try device.read(weightGradient.buffer, 0..<depth * columns),
      "bias gradient": try device.read(biasGradient.buffer, 0..<columns),
      LayerNorm.name: try device.read(normalized.buffer, 0..<rows * depth),
      LayerNormWeightGradient.name: try device.read(scale.buffer, 0..<depth),
      ColumnMeans.name: try device.read(means.buffer, 0..<columns),
    ]
  }
}
