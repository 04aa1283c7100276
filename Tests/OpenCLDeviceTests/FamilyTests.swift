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

  /// Chunks of few rows, so that a model of the quick suite has many chunks, and small parts of a head.
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
    "an ensemble takes no more launches than one model, and a model's result does not depend on the other models",
    arguments: KernelFamily.allCases)
  func ensemble(family: KernelFamily) throws {
    let device = try makeDevice(family)
    // The room for sums grows at first.
    for _ in 0..<2 { _ = try Ensemble(models: 1, on: device) }
    let (alone, company) = (try Ensemble(models: 1, on: device), try Ensemble(models: 9, on: device))
    // On the kernels for GPUs, chunks of one model wait, and all are added up in one launch. With many models, a work-group
    // adds up the chunks of its weight gradient itself, and those of the norm's gradients are added up at once.
    #expect(company.launches == alone.launches)
    for (name, values) in alone.first {
      #expect(values.allSatisfy { $0.isFinite }, "\(name)")
      #expect(company.first[name] == values, "\(name)")
    }
  }
}

/// The results of operations that sum over rows, launched one after another on models with equal numbers.
private struct Ensemble {
  var launches: Int
  /// The results of the first model, by operation.
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
    let size = (depth + 1) * columns + 2 * depth
    let gradients = try device.makeBuffer(count: models * size)
    func gradient(_ rows: Int, _ columns: Int, _ offset: Int) -> Parameter {
      Parameter(gradients, rows: rows, columns: columns, offset: offset, modelStride: size)
    }
    let (weightGradient, biasGradient) = (gradient(depth, columns, 0), gradient(1, columns, depth * columns))
    let scaleGradient = gradient(1, depth, (depth + 1) * columns)
    let shiftGradient = gradient(1, depth, (depth + 1) * columns + depth)
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
        input: input, statistics: statistics, outputGradient: normalized, weightGradient: scaleGradient,
        biasGradient: shiftGradient, rows: groups))
    try device.matmulInputGradient(
      MatmulInputGradient(outputGradient: output, weight: weight, inputGradient: inputGradient, rows: groups))
    try device.columnMeans(ColumnMeans(input: output, output: means, rows: groups))
    first = [
      Matmul.name: try device.read(output.buffer, 0..<rows * columns),
      MatmulInputGradient.name: try device.read(inputGradient.buffer, 0..<rows * depth),
      "gradients": try device.read(gradients, 0..<size),
      LayerNorm.name: try device.read(normalized.buffer, 0..<rows * depth),
      ColumnMeans.name: try device.read(means.buffer, 0..<columns),
    ]
    launches = device.launchCount - before
  }
}
