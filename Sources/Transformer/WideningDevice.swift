import Compute

/// A device whose products take weights in half precision: each matrix is written in single precision to memory that all
/// share, just before it is used. Products then read the same numbers as from weights in single precision and give the
/// same bits.
final class WideningDevice: ForwardingDevice {
  let device: any Device
  private var wide: (any Buffer)?

  init(_ device: any Device) { self.device = device }

  func perform(_ operation: any DeviceOperation) throws {
    switch operation {
    case var product as Matmul:
      product.weight = try widened(product.weight)
      try product.run(on: device)
    case var product as MatmulInputGradient:
      product.weight = try widened(product.weight)
      try product.run(on: device)
    case var norms as SegmentNorms:
      if let half = norms.input as? HalfBuffer { norms.input = try widened(half, 0..<half.count) }
      try norms.run(on: device)
    default: try operation.run(on: device)
    }
  }

  func read(_ buffer: any Buffer, _ range: Range<Int>) throws -> [Float] {
    guard let half = buffer as? HalfBuffer else { return try device.read(buffer, range) }
    return try device.read(widened(half, range), 0..<range.count)
  }

  func readDoubles(_ buffer: any Buffer, _ range: Range<Int>) throws -> [Double] {
    guard let half = buffer as? HalfBuffer else { return try device.readDoubles(buffer, range) }
    return try device.readDoubles(widened(half, range), 0..<range.count)
  }

  /// The tensor in single precision until the next call.
  private func widened(_ parameter: Parameter) throws -> Parameter {
    guard let half = parameter.buffer as? HalfBuffer else { return parameter }
    let output = try room(parameter.rows * parameter.columns)
    try device.widen(
      Widen(
        input: HalfMatrix(
          half.words, half.format, columns: parameter.columns, offset: parameter.offset,
          stride: parameter.stride),
        output: Matrix(output, columns: parameter.columns), count: parameter.rows))
    return Parameter(output, rows: parameter.rows, columns: parameter.columns)
  }

  /// Some elements in single precision until the next call.
  private func widened(_ half: HalfBuffer, _ range: Range<Int>) throws -> any Buffer {
    let row = Parameter(half, rows: 1, columns: max(range.count, 1), offset: range.lowerBound)
    return try widened(row).buffer
  }

  private func room(_ count: Int) throws -> any Buffer {
    if let wide, wide.count >= count { return wide }
    wide = nil
    let made = try device.makeBuffer(count: count)
    wide = made
    return made
  }
}
