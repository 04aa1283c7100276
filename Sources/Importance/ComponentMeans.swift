import Compute
import Tasks
import Transformer

/// The mean output of every component: z of all heads and the MLP's output, by layer.
package struct ComponentMeans: Equatable, Sendable {
  /// [layers][d_model]
  package var z: [[Double]]
  /// [layers][d_model]
  package var mlp: [[Double]]

  /// Means over all rows of each batch, then over the batches.
  ///
  /// An MLP's mean output is W_out of its mean hidden activations, and its bias: linear, so the forward ends before the
  /// last MLP's output.
  ///
  /// - Parameter batches: their sequences, one model; every position counts.
  package init(_ transformer: Transformer, batches: [[TokenSequence]]) throws {
    let layers = 0..<transformer.configuration.layers
    let points = layers.flatMap { [HookPoint.z($0), .mlpPost($0)] }
    let means = try HookMeans(transformer, at: points, batches: batches).values
    z = layers.map { means[2 * $0] }
    mlp = try layers.map { layer in
      let projection = transformer.layout.blocks[layer].mlp.output
      let weight = try transformer.values(of: projection.weight)
      var output = try transformer.values(of: projection.bias)
      for (row, hidden) in means[2 * layer + 1].enumerated() {
        let first = row * output.count
        for column in output.indices { output[column] += hidden * weight[first + column] }
      }
      return output
    }
  }

  /// [2·layers, d_model]: z and MLP means by turns, as `sourceRow(of:)` finds them.
  func makeBuffer(on device: any Device) throws -> any Buffer {
    try device.makeBuffer(zip(z, mlp).flatMap { $0 + $1 }.map(Float.init))
  }

  /// The row of the means' buffer that holds a component's mean.
  static func sourceRow(of component: Component) -> Int {
    switch component {
    case .head(let layer, _): 2 * layer
    case .mlp(let layer): 2 * layer + 1
    }
  }
}
