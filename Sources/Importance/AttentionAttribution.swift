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
    // Products with and without replacement are computed alike, so that identical inputs give identical sums.
    let (kept, replaced) = (
      columns(of: key, keys, plus: 0, keyDifference), columns(of: key, keys, plus: 1, keyDifference)
    )
    let (values, valueDifferences) = (columns(of: value, keys), columns(of: valueDifference, keys))
    let scale = rule.scale(headWidth: columns.count)
    var total = 0.0
    for (i, position) in zip(queries, positions) {
      let seen = rule.keys(seenFrom: position).clamped(to: 0..<keys.count)
      func scores(_ query: [Double], _ keys: HeadColumns) -> [Double] {
        keys.products(query, seen).map { rule.score(ofProduct: $0, scale: scale) }
      }
      let own = row(i, of: query, plus: 0, queryDifference)
      let (clean, byKey) = (scores(own, kept), scores(own, replaced))
      let byQuery = scores(row(i, of: query, plus: 1, queryDifference), kept)
      let zGradient = row(i, of: zGradient)
      let gradients = values.products(zGradient, seen)
      total += softmaxMean(byQuery, of: gradients) - softmaxMean(clean, of: gradients)
      total += changesByKey(clean, byKey, gradients).reduce(0, +)
      total += softmaxMean(clean, of: valueDifferences.products(zGradient, seen))
    }
    return total
  }

  /// The head's part of a row.
  private func row(_ i: Int, of matrix: HostMatrix) -> [Double] {
    let first = i * matrix.width
    return Array(matrix.values[first + columns.lowerBound..<first + columns.upperBound])
  }

  /// The head's part of a row + share·difference.
  private func row(
    _ i: Int, of matrix: HostMatrix, plus share: Double, _ difference: HostMatrix
  ) -> [Double] {
    zip(row(i, of: matrix), row(i, of: difference)).map { $0 + share * $1 }
  }

  /// The head's part of some rows.
  private func columns(of matrix: HostMatrix, _ rows: Range<Int>) -> HeadColumns {
    HeadColumns(
      rows: rows.count, columns.flatMap { c in rows.lazy.map { matrix.values[$0 * matrix.width + c] } })
  }

  /// The head's part of some rows + share·difference.
  private func columns(
    of matrix: HostMatrix, _ rows: Range<Int>, plus share: Double, _ difference: HostMatrix
  ) -> HeadColumns {
    HeadColumns(
      rows: rows.count,
      columns.flatMap { c in
        rows.lazy.map {
          matrix.values[$0 * matrix.width + c] + share * difference.values[$0 * difference.width + c]
        }
      })
  }
}

/// A head's keys or values in one sample, column after column, so that the products of one query with all of them are computed side by side.
private struct HeadColumns {
  /// [column][row]
  private let values: [Double]
  private let rows: Int

  /// - Parameter values: [column][row]
  init(rows: Int, _ values: [Double]) {
    self.rows = rows
    self.values = values
  }

  /// The products of a vector with some rows, each summed over columns in their order.
  func products(_ vector: [Double], _ seen: Range<Int>) -> [Double] {
    var sums = [Double](repeating: 0, count: seen.count)
    sums.withUnsafeMutableBufferPointer { sums in
      values.withUnsafeBufferPointer { values in
        for (column, factor) in vector.enumerated() {
          let first = column * rows + seen.lowerBound
          for place in 0..<sums.count { sums[place] += factor * values[first + place] }
        }
      }
    }
    return sums
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
