import RandomStreams
import Transformer

/// Shapley values of components in the game whose worth is the effect of intervening on a set of them: each
/// component's fair share of the effect of intervening on all. Redundant components share an effect that none
/// of them shows alone.
///
/// Samples are processed in blocks, each with its own permutations, so that errors from drawing permutations
/// average out over samples.
package struct ComponentShapley: Sendable {
  /// The number of samples in a block.
  package static let defaultBlock = 16
  /// The number of antithetic pairs of permutations for each block. With 1,024 samples and 20 components
  /// these defaults give 512 permutations and 156,000 evaluations of a sample.
  package static let defaultPairs = 4

  package let method: InterventionMethod
  package let components: [Component]
  /// For each component, sample by sample. In every sample they sum to the full effect, up to rounding.
  package let values: [Outcomes]
  /// Sample by sample, the effect of intervening on all components.
  package let full: Outcomes
  /// [blocks][components]: the mean value within a block.
  private let blockMeans: [[[Effect: Double]]]
  private let blockCounts: [Int]
  /// [blocks][components]: the squared error of that mean from drawing permutations; nil with a single pair.
  private let blockErrors: [[[Effect: Double]]]?

  /// - Parameters:
  ///   - pairs: the number of antithetic pairs of permutations in a block.
  ///   - stream: block b draws from its split b.
  package init(
    _ evaluation: CausalEvaluation, _ components: [Component], _ method: InterventionMethod,
    block: Int = defaultBlock, pairs: Int = defaultPairs, from stream: CounterStream
  ) throws {
    let effects = Effect.allCases
    let players = components.count
    var values = [Outcomes](repeating: Outcomes(repeating: 0, count: 0), count: players)
    var full = Outcomes(repeating: 0, count: 0)
    var (means, errors): ([[[Effect: Double]]], [[[Effect: Double]]]) = ([], [])
    var counts: [Int] = []
    for (b, first) in stride(from: 0, to: evaluation.samples.count, by: max(block, 1)).enumerated() {
      let part = evaluation.over(first..<min(first + max(block, 1), evaluation.samples.count))
      let count = part.samples.count
      var draws = stream.split(UInt64(b))
      let shapley = try ShapleyValues(players: players, pairs: pairs, from: &draws) { coalitions in
        let outcomes = try part.outcomes(
          ([[], components] + coalitions.map { $0.map { components[$0] } }).map {
            try part.intervention(on: $0, method)
          })
        full.append(method.effect(of: outcomes[1], base: outcomes[0]))
        return outcomes.dropFirst(2).map { outcome in
          let effect = method.effect(of: outcome, base: outcomes[0])
          return effects.flatMap { effect[$0] }
        }
      }
      let columns = shapley.values
      means.append(columns.map { _ in [:] })
      errors.append(columns.map { _ in [:] })
      counts.append(count)
      for (e, effect) in effects.enumerated() {
        let range = e * count..<(e + 1) * count
        let blockErrors = shapley.standardErrors(ofColumns: range)
        for player in 0..<players {
          values[player][effect] += columns[player][range]
          means[b][player][effect] = columns[player][range].reduce(0, +) / Double(count)
          errors[b][player][effect] = blockErrors.map { $0[player] * $0[player] }
        }
      }
    }
    self.method = method
    self.components = components
    self.values = values
    self.full = full
    blockMeans = means
    blockCounts = counts
    blockErrors = pairs > 1 ? errors : nil
  }

  /// For each component, the standard error of the mean value, estimated from the differences between blocks;
  /// it includes the error from drawing samples and the error from drawing permutations. It is nil for fewer
  /// than two blocks. A block is weighted by its number of samples; the last may have fewer.
  package func standardErrors(_ effect: Effect) -> [Double]? {
    let total = Double(blockCounts.reduce(0, +))
    let blocks = Double(blockCounts.count)
    guard blockCounts.count > 1 else { return nil }
    return components.indices.map { player in
      let mean = values[player].mean(effect)
      let squares = zip(blockCounts, blockMeans).reduce(0) { sum, block in
        let deviation = Double(block.0) / total * ((block.1[player][effect] ?? 0) - mean)
        return sum + deviation * deviation
      }
      return (squares * blocks / (blocks - 1)).squareRoot()
    }
  }

  /// For each component, the part of that error that comes from drawing permutations, for these samples. It
  /// is nil for fewer than two pairs in a block.
  package func permutationErrors(_ effect: Effect) -> [Double]? {
    guard let blockErrors else { return nil }
    let total = Double(blockCounts.reduce(0, +))
    return components.indices.map { player in
      zip(blockCounts, blockErrors).reduce(0) { sum, block in
        let weight = Double(block.0) / total
        return sum + weight * weight * (block.1[player][effect] ?? 0)
      }.squareRoot()
    }
  }
}
