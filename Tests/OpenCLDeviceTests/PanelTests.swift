import Compute
import Foundation
import TestDevices
import Testing

@testable import OpenCLDevice

/// A forward packs a large weight and takes several tiles of rows in a work-group; a small one it reads where it lies, one tile at a time.
@Suite(
  "Kernels for CPUs have the same bits with packed weights", .enabled(if: TestOpenCL.isEnabled), .serialized)
struct PanelTests {
  /// Two of three models have rows, in numbers that are not multiples of a tile's height.
  private static let groups = [
    RowGroup(model: 0, firstRow: 0, count: 170), RowGroup(model: 2, firstRow: 170, count: 67),
  ]
  private let rowCount = 237
  private let device: OpenCLDevice

  init() throws { device = try OpenCLDevice(TestOpenCL.first(), family: .register) }

  private func numbers(_ count: Int, _ step: Float) -> [Float] {
    (0..<count).map { sin(Float($0 % 10_007) * step) }
  }

  private func matrix(_ columns: Int, _ step: Float) throws -> Matrix {
    Matrix(try device.makeBuffer(numbers(rowCount * columns, step)), columns: columns)
  }

  private func poisoned(_ columns: Int) throws -> Matrix {
    Matrix(try device.makeBuffer([Float](repeating: .nan, count: rowCount * columns)), columns: columns)
  }

  /// Weights of three models.
  private func parameter(_ rows: Int, _ columns: Int) throws -> Parameter {
    Parameter(
      try device.makeBuffer(numbers(3 * rows * columns, 0.3)), rows: rows, columns: columns,
      modelStride: rows * columns)
  }

  @Test("a product whose columns are computed at once or in parts", arguments: [(301, 450), (15_000, 9)])
  func forward(depth: Int, columns: Int) throws {
    let (input, residual) = (try matrix(depth, 0.7), try matrix(columns, 0.11))
    let (weight, bias) = (try parameter(depth, columns), try parameter(1, columns))
    let groups = try RowGroups(Self.groups)
    let launches = device.launchCount
    let whole = try poisoned(columns)
    try device.matmul(
      Matmul(input: input, weight: weight, bias: bias, residual: residual, output: whole, rows: groups))
    #expect(device.launchCount == launches + 2)
    let parts = try poisoned(columns)
    for range in [0..<columns / 3, columns / 3..<columns * 2 / 3, columns * 2 / 3..<columns] {
      try device.matmul(
        Matmul(
          input: input, weight: weight.columns(range), bias: bias.columns(range),
          residual: residual.columns(range), output: parts.columns(range), rows: groups))
    }
    #expect(device.launchCount == launches + 5)
    let (found, expected) = (try device.read(whole.buffer), try device.read(parts.buffer))
    #expect(found.allSatisfy { !$0.isNaN })
    #expect(found.map(\.bitPattern) == expected.map(\.bitPattern))
  }

  @Test(
    "an input gradient whose columns are computed at once or in parts", arguments: [(450, 301), (9, 15_000)])
  func inputGradient(columns: Int, depth: Int) throws {
    let (gradient, argument) = (try matrix(depth, 0.7), try matrix(columns, 0.11))
    let weight = try parameter(columns, depth)
    let groups = try RowGroups(Self.groups)
    let (whole, parts) = (try poisoned(columns), try poisoned(columns))
    try device.matmulInputGradient(
      MatmulInputGradient(
        outputGradient: gradient, weight: weight, preActivation: argument, inputGradient: whole, rows: groups)
    )
    for range in [0..<columns / 3, columns / 3..<columns * 2 / 3, columns * 2 / 3..<columns] {
      try device.matmulInputGradient(
        MatmulInputGradient(
          outputGradient: gradient, weight: weight.rows(range), preActivation: argument.columns(range),
          inputGradient: parts.columns(range), rows: groups))
    }
    let (found, expected) = (try device.read(whole.buffer), try device.read(parts.buffer))
    #expect(found.allSatisfy { !$0.isNaN })
    #expect(found.map(\.bitPattern) == expected.map(\.bitPattern))
  }

  @Test("weights of few rows are not packed")
  func fewRows() throws {
    let (input, weight, output) = (try matrix(301, 0.7), try parameter(301, 450), try poisoned(450))
    func launches(_ groups: [RowGroup]) throws -> Int {
      let before = device.launchCount
      try device.matmul(
        Matmul(input: input, weight: weight, output: output, rows: RowGroups(groups)))
      return device.launchCount - before
    }
    #expect(try launches([RowGroup(model: 0, firstRow: 0, count: 63)]) == 1)
    #expect(try launches([RowGroup(model: 0, firstRow: 0, count: 64)]) == 2)
    #expect(
      try launches([
        RowGroup(model: 0, firstRow: 0, count: 63), RowGroup(model: 2, firstRow: 63, count: 64),
      ]) == 1)
  }

  @Test("a work-group takes as many tiles of rows as leave enough groups for every unit")
  func groupRows() throws {
    func panels(_ depth: Int, _ columns: Int) throws -> MatmulPanels {
      MatmulPanels(try MatmulTile(device, .matmul, columns: columns), depth: depth, columns: columns)
    }
    let large = try panels(301, 450)
    #expect(large.count == 15)
    #expect(large.groupRows(31, units: 2) == 16)
    #expect(large.groupRows(3, units: 2) == 2)
    #expect(large.groupRows(1, units: 2) == 1)
    #expect(large.groupRows(31, units: 16) == 4)
    #expect(large.groupRows(31, units: 1000) == 1)
    #expect(try panels(256, 512).groupRows(31, units: 2) == 1)
  }

  @Test("weights that would take too much memory are not packed")
  func memory() throws {
    let panels = MatmulPanels(try MatmulTile(device, .matmul, columns: 768), depth: 768, columns: 768)
    let model = 768 * 768 * 4
    func pays(_ models: Int, largestAllocation: Int) throws -> Bool {
      let groups = (0..<models).map { RowGroup(model: $0, firstRow: $0 * 64, count: 64) }
      return try panels.pays(RowGroups(groups), largestAllocation: largestAllocation)
    }
    #expect(try pays(1, largestAllocation: model))
    #expect(try !pays(1, largestAllocation: model - 4))
    #expect(try pays(28, largestAllocation: 1 << 30))
    #expect(try !pays(29, largestAllocation: 1 << 30))
  }
}
