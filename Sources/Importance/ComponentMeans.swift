import Compute
import Tasks
import Transformer

/// The mean output of every component: z of all heads and the MLP's output, by layer.
public struct ComponentMeans: Equatable, Sendable {
  /// [layers][d_model]
  public var z: [[Double]]
  /// [layers][d_model]
  public var mlp: [[Double]]

  /// Means over all rows of each batch, then over the batches.
  ///
  /// - Parameter batches: their sequences, one model; every position counts.
  public init(_ transformer: Transformer, batches: [[TokenSequence]]) throws {
    let configuration = transformer.configuration
    let (layers, width) = (configuration.layers, configuration.dModel)
    let zeros = [[Double]](repeating: [Double](repeating: 0, count: width), count: layers)
    (z, mlp) = (zeros, zeros)
    let device = transformer.device
    let means = try device.makeBuffer(count: 2 * layers * width)
    var points = Set<HookPoint>()
    for layer in 0..<layers { points.formUnion([.z(layer), .mlpOut(layer)]) }
    for sequences in batches {
      let batch = try Batch(sequences, .all, for: configuration, on: device)
      let hooks = Hooks(points: points) { point, matrix, rows in
        guard let row = ComponentMeans.row(of: point) else { return }
        try device.columnMeans(
          ColumnMeans(
            input: matrix, output: Matrix(means, columns: width, offset: row * width), rows: rows))
      }
      try transformer.forward(batch, hooks: hooks)
      let values = try device.readDoubles(means)
      for layer in 0..<layers {
        for i in 0..<width {
          z[layer][i] += values[2 * layer * width + i] / Double(batches.count)
          mlp[layer][i] += values[(2 * layer + 1) * width + i] / Double(batches.count)
        }
      }
    }
  }

  /// [2·layers, d_model]: z and MLP means by turns, as `sourceRow(of:)` finds them.
  func makeBuffer(on device: any Device) throws -> any Buffer {
    try device.makeBuffer(zip(z, mlp).flatMap { $0 + $1 }.map(Float.init))
  }

  private static func row(of point: HookPoint) -> Int? {
    switch point {
    case .z(let layer): 2 * layer
    case .mlpOut(let layer): 2 * layer + 1
    default: nil
    }
  }

  /// The row of the means' buffer that holds a component's mean.
  static func sourceRow(of component: Component) -> Int {
    switch component {
    case .head(let layer, _): 2 * layer
    case .mlp(let layer): 2 * layer + 1
    }
  }
}
