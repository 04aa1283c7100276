import Compute

/// The sequences, heads and widths of an attention case.
struct AttentionShape: Sendable, CustomStringConvertible {
  /// The number of keys of each sequence.
  var lengths: [Int]
  var queries = Queries.all
  var heads: Int
  var headWidth: Int
  /// The standard deviation of a score.
  var scoreDeviation: Float = 1
  var placement = Placement.plain
  /// Query, key and value are columns of one matrix, as a single projection writes them. This needs a query
  /// at every position.
  var isPacked = false

  enum Queries: String, Sendable {
    case all = ""
    /// The second half of each sequence, where targets are. A sequence with one key has no query.
    case lastHalf = ", last half queries"
    /// Every third position.
    case scattered = ", every third query"
  }

  var description: String {
    let name =
      lengths.count > 6 ? "lengths \(lengths[0])…\(lengths[lengths.count - 1])" : "lengths \(lengths)"
    let deviation = scoreDeviation == 1 ? "" : ", scores ±\(Int(scoreDeviation * 3))"
    return "\(name)\(queries.rawValue), heads \(heads)×\(headWidth)\(deviation)\(isPacked ? ", packed" : "")"
      + "\(placement)"
  }

  static let quick = [
    AttentionShape(lengths: [1, 7, 20], heads: 4, headWidth: 32, isPacked: true),
    AttentionShape(lengths: [9, 1, 13], queries: .lastHalf, heads: 5, headWidth: 5, placement: .odd),
    // Most probabilities are 0 or 1, and a log-sum-exp is rounded to 1e-4.
    AttentionShape(lengths: [24, 7], heads: 4, headWidth: 16, scoreDeviation: 500, isPacked: true),
  ]
  static let thorough = [
    AttentionShape(lengths: Array(1...40), heads: 4, headWidth: 32, isPacked: true),
    AttentionShape(lengths: Array(1...40), queries: .lastHalf, heads: 4, headWidth: 32),
    AttentionShape(lengths: [130], heads: 1, headWidth: 64),
    AttentionShape(lengths: [40, 130, 3], queries: .lastHalf, heads: 4, headWidth: 8, placement: .aligned),
    AttentionShape(lengths: [17, 33, 16, 1], queries: .scattered, heads: 5, headWidth: 8, placement: .odder),
    AttentionShape(lengths: [31, 32], heads: 1, headWidth: 5, placement: .odd),
    AttentionShape(lengths: [12, 64, 5], heads: 4, headWidth: 64, isPacked: true),
    AttentionShape(lengths: [24, 7], heads: 4, headWidth: 32, scoreDeviation: 4),
    AttentionShape(lengths: Array(1...40), queries: .scattered, heads: 4, headWidth: 32, scoreDeviation: 40),
    AttentionShape(lengths: [60, 60, 33], heads: 4, headWidth: 32, scoreDeviation: 1000, placement: .odd),
    AttentionShape(lengths: [], heads: 4, headWidth: 8),
  ]
  static let study = [
    AttentionShape(
      lengths: [Int](repeating: 16, count: 64), heads: 4, headWidth: 32, isPacked: true),
    AttentionShape(
      lengths: [Int](repeating: 16, count: 64), queries: .lastHalf, heads: 4, headWidth: 32),
    AttentionShape(lengths: [128, 128, 128, 128], heads: 12, headWidth: 64, isPacked: true),
  ]
  static let large = [12, 64].map {
    AttentionShape(lengths: [1024], heads: $0, headWidth: 64, isPacked: true)
  }

  var width: Int { heads * headWidth }

  /// The positions of a sequence's queries.
  func positions(length: Int) -> [Int] {
    switch queries {
    case .all: Array(0..<length)
    case .lastHalf: Array((length + 1) / 2..<length)
    case .scattered: Array(stride(from: 0, to: length, by: 3))
    }
  }

  /// The sequences, one after another. Two unused rows precede each, unless the layout is packed.
  var sequences: [AttentionSequence] {
    let gap = isPacked ? 0 : 2
    var (query, key) = (0, 0)
    return lengths.map { length in
      let sequence = AttentionSequence(
        firstQuery: query + gap, queryCount: positions(length: length).count, firstKey: key + gap,
        keyCount: length)
      query = sequence.firstQuery + sequence.queryCount
      key = sequence.firstKey + sequence.keyCount
      return sequence
    }
  }

  var queryPlan: RowPlan {
    RowPlan(groups: sequences.map { RowGroup(firstRow: $0.firstQuery, count: $0.queryCount) })
  }
  var keyPlan: RowPlan {
    RowPlan(groups: sequences.map { RowGroup(firstRow: $0.firstKey, count: $0.keyCount) })
  }

  func layout() throws -> AttentionLayout {
    var positions = [Int32](repeating: 0, count: queryPlan.extent)
    for sequence in sequences {
      for (index, position) in self.positions(length: sequence.keyCount).enumerated() {
        positions[sequence.firstQuery + index] = Int32(position)
      }
    }
    return try AttentionLayout(sequences, positions: positions)
  }

  /// The number of pairs of a query and a key that it sees.
  var pairs: Int {
    lengths.reduce(0) { $0 + positions(length: $1).reduce(0) { $0 + $1 + 1 } }
  }

  /// The relative error of a probability in roundings: the absolute error of the score s, which is a d-term
  /// sum of size |s|, and the rounding of the argument, for scores within three deviations. Then the error of
  /// the exponential.
  var probability: Double {
    3 * Double(scoreDeviation) * (Rounding.sum(headWidth) + 1) + Rounding.exp
  }

  /// The error, in roundings, of a sum over the keys or queries of the longest sequence.
  var sum: Double { Rounding.sum(lengths.max() ?? 1) }
}
