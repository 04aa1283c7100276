import Compute
import Foundation
import TestDevices
import Testing

@testable import OpenCLDevice

@Suite("Sums of chunks that wait", .enabled(if: TestOpenCL.isEnabled), .serialized)
struct PendingSumsTests {
  private let rows = 300
  private let depth = 8
  private let columns = 12

  /// The gradients of weights [depth, columns] and [depth, columns + 1], side by side in one matrix of gradients.
  private struct Gradients {
    let device: OpenCLDevice
    let buffer: any Buffer
    let inputs: Matrix
    let outputs: Matrix
    let groups: RowGroups

    init(_ test: PendingSumsTests) throws {
      let device = try OpenCLDevice(try TestOpenCL.first(), family: .local)
      self.device = device
      func matrix(_ columns: Int, _ phase: Float) throws -> Matrix {
        let values = (0..<test.rows * columns).map { sin(Float($0) * 0.7 + phase) }
        return Matrix(try device.makeBuffer(values), columns: columns)
      }
      let poison = [Float](repeating: .nan, count: test.depth * (2 * test.columns + 1))
      buffer = try device.makeBuffer(poison)
      inputs = try matrix(test.depth, 0)
      outputs = try matrix(2 * test.columns + 1, 1)
      groups = try RowGroups(rows: test.rows)
      // The room for sums grows at first.
      for _ in 0..<3 { try multiply(0..<test.columns) }
      for _ in 0..<3 { try multiply(test.columns..<2 * test.columns + 1) }
      try device.write(poison, to: buffer, at: 0)
    }

    func multiply(_ range: Range<Int>, rows: RowGroups? = nil) throws {
      let whole = Parameter(buffer, rows: inputs.columns, columns: outputs.columns)
      try device.matmulWeightGradient(
        MatmulWeightGradient(
          input: inputs, outputGradient: outputs.columns(range), weightGradient: whole.columns(range),
          biasGradient: nil, rows: rows ?? groups))
    }
  }

  @Test("are added up once for columns side by side, and read whole")
  func together() throws {
    let gradients = try Gradients(self)
    let before = gradients.device.launchCount
    try gradients.multiply(0..<columns)
    try gradients.multiply(columns..<2 * columns + 1)
    #expect(gradients.device.launchCount == before + 2)
    let values = try gradients.device.read(gradients.buffer)
    #expect(gradients.device.launchCount == before + 3)
    #expect(values.allSatisfy { $0.isFinite })
    let apart = try Gradients(self)
    try apart.multiply(0..<columns)
    try apart.device.synchronize()
    try apart.multiply(columns..<2 * columns + 1)
    #expect(try apart.device.read(apart.buffer) == values)
  }

  @Test("are not lost, and do not win, where a later gradient overlaps with them")
  func overlapping() throws {
    let gradients = try Gradients(self)
    try gradients.multiply(0..<columns + 1)
    // One chunk, which is stored without waiting.
    try gradients.multiply(columns..<2 * columns + 1, rows: try RowGroups(rows: 20))
    let expected = try Gradients(self)
    try expected.multiply(0..<columns + 1)
    try expected.device.synchronize()
    try expected.multiply(columns..<2 * columns + 1, rows: try RowGroups(rows: 20))
    let values = try gradients.device.read(gradients.buffer)
    #expect(try expected.device.read(expected.buffer) == values)
    #expect(values.allSatisfy { $0.isFinite })
  }

  @Test("wait while a gradient beside them is stored")
  func beside() throws {
    let gradients = try Gradients(self)
    let before = gradients.device.launchCount
    try gradients.multiply(0..<columns)
    try gradients.multiply(columns..<2 * columns + 1, rows: try RowGroups(rows: 20))
    #expect(gradients.device.launchCount == before + 2)
    let values = try gradients.device.read(gradients.buffer)
    #expect(values.allSatisfy { $0.isFinite })
  }
}
