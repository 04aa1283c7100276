import Compute
import OpenCLDevice
import TestDevices
import Testing

/// A mean over a whole data set must not lose precision. In a plain sum of 300,000 equal numbers, the last
/// ones would hardly count.
@Suite("Sums over very many rows", .enabled(if: TestOpenCL.isEnabled))
struct CompensatedSumTests {
  private let rows = 300_000
  private let value: Float = 0.1

  private func makeDevice(_ family: KernelFamily) throws -> OpenCLDevice {
    try OpenCLDevice(TestOpenCL.first(), family: family)
  }

  @Test("keep the precision of a column's mean", arguments: KernelFamily.allCases)
  func columnMeans(family: KernelFamily) throws {
    let device = try makeDevice(family)
    let input = Matrix(try device.makeBuffer([Float](repeating: value, count: rows)), columns: 1)
    let output = Matrix(try device.makeBuffer(count: 1), columns: 1)
    try device.columnMeans(ColumnMeans(input: input, output: output, rows: RowGroups(rows: rows)))
    let mean = try device.read(output.buffer)[0]
    #expect(abs(mean - value) <= 2 * value.ulp, "\(mean)")
  }

  @Test("keep the precision of a model's loss", arguments: KernelFamily.allCases)
  func loss(family: KernelFamily) throws {
    let device = try makeDevice(family)
    func column() throws -> Matrix { Matrix(try device.makeBuffer(count: rows), columns: 1) }
    let loss = Parameter(try device.makeBuffer(count: 1), rows: 1, columns: 1)
    let weight = 1 / Float(rows)
    // With two equal logits, each row has a loss of ln 2.
    try device.crossEntropy(
      CrossEntropy(
        logits: Matrix(try device.makeBuffer(count: 2 * rows), columns: 2),
        targets: device.makeBuffer([Int32](repeating: 1, count: rows)),
        rowWeight: Matrix(device.makeBuffer([Float](repeating: weight, count: rows)), columns: 1),
        rowLoss: column(), rowCorrect: column(), loss: loss, rows: RowGroups(rows: rows)))
    let expected = Double(weight) * Double(rows) * 0.693_147_180_559_945_3
    let found = Double(try device.read(loss.buffer)[0])
    #expect(abs(found - expected) <= 4e-7 * expected, "\(found)")
  }
}
