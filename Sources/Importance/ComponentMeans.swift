import Compute
import Tasks
import Transformer

/// The mean output of every component, by layer: z of all heads, and the output of the MLP.
package struct ComponentMeans: Equatable, Sendable {
  /// [layers][heads·d_head]
  package var z: [[Double]]
  /// [layers][d_model]
  package var mlp: [[Double]]
  private let dHead: Int

  /// Averages over all rows of each batch, then over the batches.
  ///
  /// The mean output of an MLP is computed from its mean hidden activations, W_out·mean + bias. This is exact
  /// because the map is linear, so the forward can end before the output of the last MLP. If a norm follows the map, the
  /// outputs themselves are averaged.
  ///
  /// - Parameter batches: the sequences of each batch, for one model; all positions count.
  package init(_ transformer: Transformer, batches: [[TokenSequence]]) throws {
    let layers = 0..<transformer.configuration.layers
    dHead = transformer.configuration.dHead
    let isLinear = !transformer.configuration.architecture.normalisesBranches
    let points = layers.flatMap { [HookPoint.z($0), isLinear ? .mlpPost($0) : .mlpOut($0)] }
    let means = try HookMeans(transformer, at: points, batches: batches).values
    z = layers.map { means[2 * $0] }
    mlp = try layers.map { layer in
      guard isLinear else { return means[2 * layer + 1] }
      let projection = transformer.layout.blocks[layer].mlp.output
      let weight = try transformer.values(of: projection.weight)
      var output =
        try projection.bias.map { try transformer.values(of: $0) }
        ?? [Double](repeating: 0, count: projection.weight.columns)
      for (row, hidden) in means[2 * layer + 1].enumerated() {
        let first = row * output.count
        for column in output.indices { output[column] += hidden * weight[first + column] }
      }
      return output
    }
  }

  /// Zeros, for a model whose means are not known.
  init(zerosFor configuration: ModelConfiguration) {
    func zeros(_ width: Int) -> [[Double]] {
      [[Double]](repeating: [Double](repeating: 0, count: width), count: configuration.layers)
    }
    (z, mlp, dHead) = (
      zeros(configuration.attentionWidth), zeros(configuration.dModel), configuration.dHead
    )
  }

  /// The mean output of a component: [d_head] for a head, [d_model] for an MLP.
  package subscript(component: Component) -> [Double] {
    switch component {
    case .head(let layer, let head): Array(z[layer][head * dHead..<(head + 1) * dHead])
    case .mlp(let layer): mlp[layer]
    }
  }
}
