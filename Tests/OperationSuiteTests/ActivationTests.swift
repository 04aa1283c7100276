import Compute
import Foundation
import TestDevices
import Testing

/// GELU as the epilogue of a product with the number one, and its derivative as in the product's backward.
@Suite("GELU and its derivative")
struct ActivationTests {
  /// The values −14 … 14 in steps of 1/256, and important arguments beyond them.
  private static let arguments =
    (-14 * 256...14 * 256).map { Float($0) / 256 } + [-0.0, 1e-30, -1e-30, 100, -100, 1e6, -1e6]

  private func column(_ values: [Float], on device: any Device) throws -> Matrix {
    Matrix(try device.makeBuffer(values), columns: 1)
  }

  /// GELU(x) and GELU′(x).
  private func values(_ x: [Float], on device: any Device) throws -> (gelu: [Float], derivative: [Float]) {
    let rows = try RowGroups(rows: x.count)
    let one = Parameter(try device.makeBuffer([1] as [Float]), rows: 1, columns: 1)
    let (output, kept, gradient) = (
      try column(x, on: device), try column(x, on: device), try column(x, on: device)
    )
    try device.matmul(
      Matmul(
        input: try column(x, on: device), weight: one, activation: .gelu, preActivation: kept, output: output,
        rows: rows))
    try device.matmulInputGradient(
      MatmulInputGradient(
        outputGradient: try column([Float](repeating: 1, count: x.count), on: device), weight: one,
        preActivation: kept, inputGradient: gradient, rows: rows))
    return (try device.read(output.buffer), try device.read(gradient.buffer))
  }

  @Test("agree with the normal distribution at every argument", arguments: Backend.allCases)
  func accuracy(backend: Backend) throws {
    let found = try values(Self.arguments, on: backend.make())
    var (gelu, derivative) = (0.0, 0.0)
    for (i, argument) in Self.arguments.enumerated() {
      let x = Double(argument)
      let distribution = erfc(-x / 2.0.squareRoot()) / 2
      let density = exp(-x * x / 2) / (2 * Double.pi).squareRoot()
      gelu = max(gelu, abs(Double(found.gelu[i]) - x * distribution) / max(1, abs(x)))
      derivative = max(derivative, abs(Double(found.derivative[i]) - (distribution + x * density)))
    }
    #expect(gelu <= 3e-7, "\(gelu)")
    #expect(derivative <= 3e-7, "\(derivative)")
  }

  @Test("are NaN for an argument that is NaN", arguments: Backend.allCases)
  func notANumber(backend: Backend) throws {
    // NaN in a full vector of rows, and in a partial one.
    for count in [1, 40] {
      let found = try values([Float](repeating: .nan, count: count), on: backend.make())
      #expect(found.gelu.allSatisfy(\.isNaN) && found.derivative.allSatisfy(\.isNaN))
    }
  }
}
