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
  /// Keys lie in fewer rows than there are keys, in another order. Not for packed matrices.
  var sharesKeys = false
  var scores = AttentionScores()

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
    let rule = [
      scores.scale.map { "scale \($0)" }, scores.cap.map { "cap \($0)" },
      scores.window.map { "window \($0)" },
    ].compactMap { $0 }.map { ", " + $0 }.joined()
    let keys = isPacked ? ", packed" : sharesKeys ? ", shared keys" : ""
    return "\(name)\(queries.rawValue), heads \(heads)×\(headWidth)\(deviation)\(keys)"
      + "\(rule)\(placement)"
  }

  static let quick = [
    AttentionShape(lengths: [1, 7, 20], heads: 4, headWidth: 32, isPacked: true),
    AttentionShape(lengths: [9, 1, 13], queries: .lastHalf, heads: 5, headWidth: 5, placement: .odd),
    // Most probabilities are 0 or 1, and a log-sum-exp is rounded to 1e-4.
    AttentionShape(lengths: [24, 7], heads: 4, headWidth: 16, scoreDeviation: 500, isPacked: true),
    AttentionShape(
      lengths: [21, 40], heads: 2, headWidth: 12, scoreDeviation: 3, placement: .odd,
      scores: AttentionScores(scale: 0.25, cap: 5, window: 9)),
    AttentionShape(lengths: [19, 3, 22], heads: 3, headWidth: 12, placement: .odd, sharesKeys: true),
  ]
  static let thorough = usual + sharing + capped + windowed
  private static let usual = [
    AttentionShape(lengths: Array(1...40), heads: 4, headWidth: 32, isPacked: true),
    AttentionShape(lengths: Array(1...40), queries: .lastHalf, heads: 4, headWidth: 32),
    AttentionShape(lengths: [130], heads: 1, headWidth: 64),
    AttentionShape(lengths: [40, 130, 3], queries: .lastHalf, heads: 4, headWidth: 8, placement: .aligned),
    AttentionShape(
      lengths: [17, 33, 16, 1], queries: .scattered, heads: 5, headWidth: 8, placement: .odder),
    AttentionShape(lengths: [31, 32], heads: 1, headWidth: 5, placement: .odd),
    AttentionShape(lengths: [12, 64, 5], heads: 4, headWidth: 64, isPacked: true),
    AttentionShape(lengths: [24, 7], heads: 4, headWidth: 32, scoreDeviation: 4),
    AttentionShape(
      lengths: Array(1...40), queries: .scattered, heads: 4, headWidth: 32, scoreDeviation: 40),
    AttentionShape(lengths: [60, 60, 33], heads: 4, headWidth: 32, scoreDeviation: 1000, placement: .odd),
    AttentionShape(lengths: [], heads: 4, headWidth: 8),
  ]
  private static let sharing = [
    AttentionShape(
      lengths: Array(1...40), queries: .lastHalf, heads: 4, headWidth: 32, sharesKeys: true),
    AttentionShape(lengths: [130, 1, 33], heads: 2, headWidth: 33, placement: .odder, sharesKeys: true),
    AttentionShape(
      lengths: [40, 70], queries: .scattered, heads: 2, headWidth: 16, scoreDeviation: 4, sharesKeys: true,
      scores: AttentionScores(cap: 20, window: 17)),
  ]
  /// Caps that hardly bind, that bind, and that hold most scores at their ends.
  private static let capped = [
    AttentionShape(
      lengths: [9, 33, 1], heads: 3, headWidth: 20, placement: .odd, scores: AttentionScores(cap: 50)),
    AttentionShape(
      lengths: [40, 17], heads: 4, headWidth: 32, scoreDeviation: 4, isPacked: true,
      scores: AttentionScores(scale: 0.17, cap: 3)),
    AttentionShape(
      lengths: [24, 7], queries: .scattered, heads: 2, headWidth: 8, scoreDeviation: 500,
      scores: AttentionScores(cap: 20)),
  ]
  /// Windows of fewer and of more keys than a tile has, and one that hides nothing. With a window of one key all gradients of
  /// scores are zero, and nothing is relative to them.
  private static let windowed = [
    AttentionShape(
      lengths: [5, 37, 1], heads: 3, headWidth: 7, placement: .odd, scores: AttentionScores(window: 2)),
    AttentionShape(
      lengths: [40, 130, 3], heads: 4, headWidth: 8, isPacked: true, scores: AttentionScores(window: 6)),
    AttentionShape(
      lengths: [130, 61], queries: .lastHalf, heads: 2, headWidth: 33, placement: .odder,
      scores: AttentionScores(window: 45)),
    AttentionShape(
      lengths: [70, 4], queries: .scattered, heads: 2, headWidth: 16, scoreDeviation: 40,
      scores: AttentionScores(window: 17)),
    AttentionShape(
      lengths: [33, 90], heads: 2, headWidth: 12, scoreDeviation: 3,
      scores: AttentionScores(scale: 0.25, cap: 2, window: 19)),
    AttentionShape(lengths: [31, 9], heads: 1, headWidth: 5, scores: AttentionScores(window: 31)),
  ]
  static let study = [
    AttentionShape(
      lengths: [Int](repeating: 16, count: 64), heads: 4, headWidth: 32, isPacked: true),
    AttentionShape(
      lengths: [Int](repeating: 16, count: 64), heads: 4, headWidth: 32, sharesKeys: true),
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

  /// The rows of the matrices of keys and values.
  var keyRowPlan: RowPlan {
    sharesKeys ? RowPlan(groups: [RowGroup(firstRow: 1, count: sharedRowCount)]) : keyPlan
  }

  private var sharedRowCount: Int { max(1, 2 * keyPlan.rowCount / 3) }

  /// The row that holds a key, both numbered without unused rows.
  func row(ofKey key: Int) -> Int { sharesKeys ? (5 * key + 2) % sharedRowCount : key }

  func keyRows() throws -> KeyRows? {
    guard sharesKeys else { return nil }
    var rows = [Int32](repeating: 0, count: keyPlan.extent)
    var key = 0
    for sequence in sequences {
      for place in sequence.firstKey..<sequence.firstKey + sequence.keyCount {
        rows[place] = Int32(1 + row(ofKey: key))
        key += 1
      }
    }
    return try KeyRows(rows)
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
    lengths.reduce(0) { $0 + positions(length: $1).reduce(0) { $0 + scores.keys(seenFrom: $1).count } }
  }

  /// The size of most scores before a cap: three deviations.
  var scoreSize: Double {
    3 * Double(scoreDeviation) * scores.scale(headWidth: headWidth) * Double(headWidth).squareRoot()
  }

  /// The relative error of a probability in roundings: the absolute error of the score s, which is a d-term
  /// sum of size |s|, and the rounding of the argument. A cap adds the error of its tangent, which has the size of the
  /// capped score. Then the error of the exponential.
  var probability: Double {
    let cap = scores.cap.map { min($0, scoreSize) * (Rounding.tanh + 2) } ?? 0
    return scoreSize * (Rounding.sum(headWidth) + 1) + cap + Rounding.exp
  }

  /// The error, in roundings, of a sum over the keys or queries of the longest sequence.
  var sum: Double { Rounding.sum(lengths.max() ?? 1) }
}
