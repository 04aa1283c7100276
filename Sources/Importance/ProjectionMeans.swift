import Compute
import Tasks
import Transformer

/// The mean query, key and value of every layer, heads side by side: what the QK fix puts in their place.
public struct ProjectionMeans: Equatable, Sendable {
  /// [layers][d_model]
  public private(set) var query, key, value: [[Double]]

  /// Means over all rows of each batch, then over the batches.
  ///
  /// - Parameter batches: their sequences, one model; every position counts.
  public init(_ transformer: Transformer, batches: [[TokenSequence]]) throws {
    let (layers, width) = (transformer.configuration.layers, transformer.configuration.dModel)
    let zeros = [[Double]](repeating: [Double](repeating: 0, count: width), count: layers)
    (query, key, value) = (zeros, zeros, zeros)
    let device = transformer.device
    let means = try device.makeBuffer(count: 3 * layers * width)
    let points = Set((0..<layers).flatMap { [HookPoint.query($0), .key($0), .value($0)] })
    for sequences in batches {
      let batch = try Batch(sequences, .all, for: transformer.configuration, on: device)
      try transformer.forward(
        batch,
        hooks: Hooks(points: points) { point, matrix, rows in
          guard let row = ProjectionMeans.row(of: point) else { return }
          try device.columnMeans(
            ColumnMeans(
              input: matrix, output: Matrix(means, columns: width, offset: row * width), rows: rows))
        })
      let values = try device.readDoubles(means)
      for layer in 0..<layers {
        for i in 0..<width {
          let first = 3 * layer * width + i
          query[layer][i] += values[first] / Double(batches.count)
          key[layer][i] += values[first + width] / Double(batches.count)
          value[layer][i] += values[first + 2 * width] / Double(batches.count)
        }
      }
    }
  }

  private static func row(of point: HookPoint) -> Int? {
    switch point {
    case .query(let layer): 3 * layer
    case .key(let layer): 3 * layer + 1
    case .value(let layer): 3 * layer + 2
    default: nil
    }
  }
}
