import Compute
import Concurrency
import HalfPrecision

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

  func write(_ values: [Float], to buffer: any Buffer, at offset: Int) throws {
    guard let half = buffer as? HalfBuffer else { return try device.write(values, to: buffer, at: offset) }
    // A word that only half belongs to the values would lose its other number.
    guard offset % 2 == 0, values.count % 2 == 0 || offset + values.count == half.count else {
      throw ComputeError.invalid("write", "numbers in half precision are written in pairs")
    }
    // Some parts at a time, one on each thread.
    let firsts = Array(stride(from: 0, to: values.count, by: Self.part))
    for group in stride(from: 0, to: firsts.count, by: Self.partsAtOnce) {
      let firsts = Array(firsts[group..<min(group + Self.partsAtOnce, firsts.count)])
      let format = half.format
      let parts = concurrentMap(firsts) { first in
        format.words(values[first..<min(first + Self.part, values.count)])
      }
      for (first, words) in zip(firsts, parts) {
        guard let words else {
          throw ComputeError.invalid("write", "a value is not a \(half.format) number")
        }
        try device.write(words, to: half.words, at: (offset + first) / 2)
      }
    }
  }

  /// The numbers of a part, and the parts that are converted together.
  private static let (part, partsAtOnce) = (1 << 18, 16)

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
