import Compute
import ReferenceDevice
import TestDevices

typealias ReferenceLab = Lab<ReferenceDevice>

/// The reference device in double precision, and central differences.
extension Lab where Device == ReferenceDevice {
  convenience init(seed: UInt64) { self.init(ReferenceDevice(), seed: seed) }

  func buffer(_ values: [Double]) throws -> any Buffer {
    let buffer = try device.makeBuffer(count: values.count)
    try device.write(values, to: buffer, at: 0)
    return buffer
  }

  func zeros(_ count: Int) throws -> any Buffer { try device.makeBuffer(count: count) }
  func values(_ buffer: any Buffer) throws -> [Double] { try device.readDoubles(buffer) }

  /// Σ buffer·weights: a scalar whose gradient with respect to the buffer is `weights`.
  func product(_ buffer: any Buffer, _ weights: any Buffer) throws -> Double {
    zip(try values(buffer), try values(weights)).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// ‖gradient − central differences‖/‖central differences‖ over every element of `operand`, used or unused.
  /// The gradient must be zero for an element that the loss does not depend on.
  func gradientError(of operand: any Buffer, _ gradient: any Buffer, loss: () throws -> Double) throws
    -> Double
  {
    let step = 1e-5
    let original = try values(operand)
    let analytic = try values(gradient)
    var (difference, norm) = (0.0, 0.0)
    for index in original.indices {
      try device.write([original[index] + step], to: operand, at: index)
      let above = try loss()
      try device.write([original[index] - step], to: operand, at: index)
      let below = try loss()
      try device.write([original[index]], to: operand, at: index)
      let numeric = (above - below) / (2 * step)
      difference += (analytic[index] - numeric) * (analytic[index] - numeric)
      norm += numeric * numeric
    }
    return (difference / norm).squareRoot()
  }

  /// Three models: two rows of model 2, an unused row, five rows of model 0 in two lanes; model 1 has no
  /// rows.
  static func groups() throws -> RowGroups {
    try RowGroups([
      RowGroup(model: 2, firstRow: 0, count: 2), RowGroup(model: 1, firstRow: 2, count: 0),
      RowGroup(model: 0, lane: 0, firstRow: 3, count: 4), RowGroup(model: 0, lane: 1, firstRow: 7, count: 1),
    ])
  }
}
