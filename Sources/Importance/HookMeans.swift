import Compute
import Tasks
import Transformer

/// The mean activations at some hooks: over all rows of each batch, then over the batches.
struct HookMeans {
  /// For each hook, in the given order: [width of the hook].
  private(set) var values: [[Double]]

  /// - Parameters:
  ///   - points: in the order of the forward, which ends at the last of them.
  ///   - batches: the sequences of each batch, for one model; all positions count.
  init(_ transformer: Transformer, at points: [HookPoint], batches: [[TokenSequence]]) throws {
    let (device, configuration) = (transformer.device, transformer.configuration)
    let widths = points.map { $0.width(of: configuration) }
    var offsets: [HookPoint: Int] = [:]
    var total = 0
    for (point, width) in zip(points, widths) {
      offsets[point] = total
      total += width
    }
    // [batches, all points]: read once at the end, so that no batch waits for an earlier one.
    let all = try device.makeBuffer(count: max(batches.count * total, 1))
    for (index, sequences) in batches.enumerated() {
      let batch = try Batch(sequences, .all, for: configuration, on: device)
      let hooks = Hooks(points: Set(points)) { point, matrix, rows in
        guard let offset = offsets[point] else { return }
        try device.columnMeans(
          ColumnMeans(
            input: matrix, output: Matrix(all, columns: matrix.columns, offset: index * total + offset),
            rows: rows))
      }
      try transformer.forward(batch, hooks: hooks, through: points.last)
    }
    values = widths.map { [Double](repeating: 0, count: $0) }
    let read = try device.readDoubles(all, 0..<batches.count * total)
    for batch in batches.indices {
      for (point, name) in points.enumerated() {
        let first = batch * total + (offsets[name] ?? 0)
        for i in 0..<widths[point] { values[point][i] += read[first + i] / Double(batches.count) }
      }
    }
  }
}
