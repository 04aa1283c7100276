import Compute

/// A device that forwards everything to another device, waits for each operation and records how long it
/// took. It shows where the milliseconds of a step go. Waiting prevents the queue from overlapping work, so
/// the sum exceeds the time of a step.
final class ProfilingDevice: ForwardingDevice {
  let device: any Device
  /// For each operation: the number of calls, the seconds until the device had finished them, and the
  /// multiplications and additions of matrix products and attention.
  private(set) var entries: [String: Entry] = [:]

  struct Entry {
    var calls = 0
    var seconds = 0.0
    var flops = 0.0
  }

  init(_ device: any Device) { self.device = device }

  func reset() { entries = [:] }

  func perform(_ operation: any DeviceOperation) throws {
    let taken = try seconds {
      try operation.run(on: device)
      try device.synchronize()
    }
    entries[operation.name, default: Entry()].calls += 1
    entries[operation.name, default: Entry()].seconds += taken
    entries[operation.name, default: Entry()].flops += flops(operation)
  }
}

/// The multiplications and additions of matrix products and attention; 0 for operations that memory limits.
private func flops(_ operation: any DeviceOperation) -> Double {
  switch operation {
  case let product as Matmul: flops(product.rows, product.input.columns, product.output.columns)
  case let product as MatmulInputGradient:
    flops(product.rows, product.outputGradient.columns, product.inputGradient.columns)
  case let product as MatmulWeightGradient:
    flops(product.rows, product.input.columns, product.outputGradient.columns)
  case let attention as Attention: 4 * pairs(attention.layout) * Double(attention.query.columns)
  // Each product of the forward has two in the backward.
  case let attention as AttentionBackward: 8 * pairs(attention.layout) * Double(attention.query.columns)
  default: 0
  }
}

private func flops(_ rows: RowGroups, _ k: Int, _ n: Int) -> Double { 2 * Double(rows.rowCount * k * n) }

/// The number of pairs of a query and a key that it sees.
private func pairs(_ layout: AttentionLayout) -> Double {
  layout.sequences.reduce(0) { sum, sequence in
    let queries = sequence.firstQuery..<sequence.firstQuery + sequence.queryCount
    return sum + layout.positions[queries].reduce(0) { $0 + Double($1 + 1) }
  }
}
