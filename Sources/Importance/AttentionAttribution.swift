import Compute
import Foundation
import Transformer

/// The QK fix of AtP* for one head (arXiv:2403.00745, section 3.1.1), summed over the head's nodes.
///
/// Let A be the attention weights, g_ij = ∂M/∂z_i·v_j the gradient of the metric M at A_ij, and q′, k′, v′
/// the replacements. The value of a sample is the sum of
/// - over queries i: Σ_j (softmax_j(q′_i·k/√d_head) − A_ij) g_ij,
/// - over keys t, each replaced alone: Σ_{i ≥ t} Σ_j (softmax_j(q_i·k with k_t := k′_t) − A_ij) g_ij,
/// - over values t: Σ_{i ≥ t} A_it ∂M/∂z_i·(v′_t − v_t), where attention is linear.
///
/// Plain attribution patching also linearises the softmax, so it misses effects where the softmax is
/// saturated.
struct AttentionAttribution {
  /// Queries and keys are rotated to their positions, if positions are rotary.
  var query, key, value: HostMatrix
  /// Replacement − activation.
  var queryDifference, keyDifference, valueDifference: HostMatrix
  /// The gradient of the metric at z, up to a factor.
  var zGradient: HostMatrix
  /// The columns of the head.
  var columns: Range<Int>
  /// How scores are made, and which keys a query sees.
  var rule = AttentionScores()

  /// - Parameters:
  ///   - queries: the sample's rows of queries and of z.
  ///   - keys: its rows of keys and values.
  ///   - positions: the positions of the queries within the sample.
  func callAsFunction(queries: Range<Int>, keys: Range<Int>, positions: [Int]) -> Double {
    var total = 0.0
    for (i, position) in zip(queries, positions) {
      let seen = keys.prefix(position + 1).dropFirst(rule.keys(seenFrom: position).lowerBound)
      // Scores with and without replacement are computed alike, so that identical inputs give identical sums.
      func made(_ s: Double, _ t: Double) -> [Double] {
        seen.map {
          rule.score(
            ofProduct: dot(query, i, queryDifference, s, key, $0, keyDifference, t), headWidth: columns.count)
        }
      }
      let (scores, byQuery, byKey) = (made(0, 0), made(1, 0), made(0, 1))
      let gradients = seen.map { dot(zGradient, i, value, $0) }
      total += softmaxMean(byQuery, of: gradients) - softmaxMean(scores, of: gradients)
      total += changesByKey(scores, byKey, gradients).reduce(0, +)
      total += softmaxMean(scores, of: seen.map { dot(zGradient, i, valueDifference, $0) })
    }
    return total
  }

  private func dot(_ left: HostMatrix, _ i: Int, _ right: HostMatrix, _ j: Int) -> Double {
    let (a, b) = (i * left.width, j * right.width)
    var sum = 0.0
    for c in columns { sum += left.values[a + c] * right.values[b + c] }
    return sum
  }

  /// (left_i + s·difference_i)·(right_j + t·difference_j)
  private func dot(
    _ left: HostMatrix, _ i: Int, _ leftDifference: HostMatrix, _ s: Double, _ right: HostMatrix, _ j: Int,
    _ rightDifference: HostMatrix, _ t: Double
  ) -> Double {
    let (a, b) = (i * left.width, j * right.width)
    var sum = 0.0
    for c in columns {
      sum +=
        (left.values[a + c] + s * leftDifference.values[a + c])
        * (right.values[b + c] + t * rightDifference.values[b + c])
    }
    return sum
  }
}

/// For each t, the change of Σ softmax(scores)·values when only score t is replaced.
private func changesByKey(_ scores: [Double], _ replaced: [Double], _ values: [Double]) -> [Double] {
  // One exponential per score. All share one scale, unless that would round the others to zero.
  let greatest = max(scores.max() ?? 0, replaced.max() ?? 0)
  var weights = scores.map { exp($0 - greatest) }
  func mean() -> Double? {
    var (sum, total) = (0.0, 0.0)
    for i in weights.indices {
      total += weights[i]
      sum += weights[i] * values[i]
    }
    return total > 1e-250 ? sum / total : nil
  }
  let clean = mean() ?? softmaxMean(scores, of: values)
  return scores.indices.map { t in
    let own = weights[t]
    weights[t] = exp(replaced[t] - greatest)
    defer { weights[t] = own }
    if let mean = mean() { return mean - clean }
    var changed = scores
    changed[t] = replaced[t]
    return softmaxMean(changed, of: values) - clean
  }
}

/// Σ softmax(scores)·values
private func softmaxMean(_ scores: [Double], of values: [Double]) -> Double {
  let greatest = scores.max() ?? 0
  var (sum, weights) = (0.0, 0.0)
  for i in scores.indices {
    let weight = exp(scores[i] - greatest)
    weights += weight
    sum += weight * values[i]
  }
  return sum / weights
}
