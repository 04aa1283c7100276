import Compute
import Foundation
import Tasks
import Transformer

/// Features of components that are known before any ablation: from their weights, and from their activations
/// on some sequences.
package struct ComponentFeatures {
  /// For each component, the Frobenius norm of the weight whose gradient scores it.
  package let weightNorms: [Double]
  /// For each component, the variance of its output over rows, averaged over coordinates.
  package let activationVariances: [Double]
  /// For each component, the mean entropy of a head's attention over queries, in nats; 0 for an MLP.
  package let attentionEntropies: [Double]
  /// For each component, the largest similarity of its outputs to those of another component of the same
  /// kind, by linear centred kernel alignment (S. Kornblith et al., arXiv:1905.00414, equation 5): 0 means
  /// dissimilar, 1 equal up to rotation and scale.
  package let similarities: [Double]

  /// - Parameter sequences: a batch for one model; all positions count.
  package init(_ transformer: Transformer, _ components: [Component], _ sequences: [TokenSequence]) throws {
    let (configuration, device) = (transformer.configuration, transformer.device)
    let segments = components.map {
      ParameterStore.ModelSegment(segment(.component($0), transformer.layout))
    }
    let norms = try device.makeBuffer(count: max(segments.count, 1))
    try transformer.parameters.norms(of: segments, into: norms, on: device)
    weightNorms = try device.readDoubles(norms, 0..<segments.count)

    let record = ActivationRecord(on: device)
    let points = (0..<configuration.layers).flatMap { layer -> [HookPoint] in
      [.query(layer), .key(layer), .z(layer), .mlpOut(layer)]
    }
    let batch = try Batch(sequences, .all, for: configuration, on: device)
    try transformer.forward(batch, hooks: record.hooks(Set(points)))
    let outputs = try components.map { component in
      CentredRows(try record[Site.output(component).hook], Site.output(component).columns(of: configuration))
    }
    activationVariances = outputs.map(\.variance)
    similarities = components.indices.map { i in
      components.indices.filter { $0 != i && (components[$0].head == nil) == (components[i].head == nil) }
        .map { outputs[i].alignment(with: outputs[$0]) }.max() ?? 0
    }
    let sequences = batch.sequenceRows.flatMap { $0 }
    let positions = sequences.flatMap { 0..<$0.count }
    attentionEntropies = try components.map { component in
      guard case .head(let layer, _) = component else { return 0 }
      return meanEntropy(
        try record[.query(layer)].turned(to: positions, configuration),
        try record[.key(layer)].turned(to: positions, configuration),
        Site.output(component).columns(of: configuration), configuration.blocks[layer].attention.scores,
        sequences)
    }
  }
}

/// Some columns of a matrix, each minus its mean.
private struct CentredRows {
  /// [columns][rows]
  private let columns: [[Double]]

  init(_ matrix: HostMatrix, _ range: Range<Int>) {
    let rows = matrix.values.count / max(matrix.width, 1)
    columns = range.map { column in
      let values = (0..<rows).map { matrix.values[$0 * matrix.width + column] }
      let mean = values.reduce(0, +) / Double(max(rows, 1))
      return values.map { $0 - mean }
    }
  }

  var variance: Double {
    let squares = columns.map { column in dot(column, column) / Double(max(column.count, 1)) }
    return squares.reduce(0, +) / Double(max(columns.count, 1))
  }

  /// ‖YᵀX‖² / (‖XᵀX‖·‖YᵀY‖); 0 if one of them is constant.
  func alignment(with other: CentredRows) -> Double {
    let scale = (crossed(self) * other.crossed(other)).squareRoot()
    return scale > 0 ? crossed(other) / scale : 0
  }

  /// ‖YᵀX‖²
  private func crossed(_ other: CentredRows) -> Double {
    columns.reduce(0) { sum, x in
      other.columns.reduce(sum) { $0 + pow(dot(x, $1), 2) }
    }
  }

  private func dot(_ x: [Double], _ y: [Double]) -> Double {
    var total = 0.0
    for i in x.indices { total += x[i] * y[i] }
    return total
  }
}

/// The mean over queries of −Σ p ln p, where p is the softmax over the keys that a query sees.
private func meanEntropy(
  _ query: HostMatrix, _ key: HostMatrix, _ columns: Range<Int>, _ rule: AttentionScores,
  _ sequences: [Range<Int>]
) -> Double {
  var (total, queries) = (0.0, 0)
  let scale = rule.scale(headWidth: columns.count)
  for rows in sequences {
    for row in rows {
      let scores = rule.keys(seenFrom: row - rows.lowerBound).map { position in
        let seen = rows.lowerBound + position
        let product = columns.reduce(0) {
          $0 + query.values[row * query.width + $1] * key.values[seen * key.width + $1]
        }
        return rule.score(ofProduct: product, scale: scale)
      }
      let greatest = scores.max() ?? 0
      let weights = scores.map { exp($0 - greatest) }
      let sum = weights.reduce(0, +)
      total += log(sum) - zip(weights, scores).reduce(0) { $0 + $1.0 * ($1.1 - greatest) } / sum
      queries += 1
    }
  }
  return total / Double(max(queries, 1))
}
