/// The integral of a slope along a line, of which the function's own values are known wherever the slope is. So the errors of every piece and of the
/// whole are known with their signs, up to rounding. Points are added as long as the whole is too far off, in the pieces with the largest errors.
///
/// A piece begins with the slopes at its ends (trapezoid). Where that misses, its middle is added (Simpson). If that took away most of the error,
/// the two other points of the five-point Gauss–Lobatto rule follow (M. Abramowitz and I. A. Stegun, "Handbook of Mathematical Functions",
/// 25.4.32). Otherwise, or if that misses too, the piece falls into pieces between its points. Every point is used by all that comes after it.
struct LineQuadrature {
  /// The function and its slope at a place on the line.
  struct Point {
    var place: Double
    var value: Double
    var slope: Double
  }

  /// Ascending in place; 2, 3 or 5.
  private struct Piece {
    var points: [Point]

    var integral: Double {
      let weights = Self.weights[points.count] ?? []
      return width * zip(points, weights).reduce(0) { $0 + $1.0.slope * $1.1 }
    }

    /// The true change minus the integral.
    var missed: Double { last.value - first.value - integral }

    var error: Double { abs(missed) }

    private var first: Point { points[0] }
    private var last: Point { points[points.count - 1] }
    private var width: Double { last.place - first.place }

    private static let weights: [Int: [Double]] = [
      2: [1 / 2, 1 / 2], 3: [1 / 6, 4 / 6, 1 / 6], 5: [1 / 20, 49 / 180, 16 / 45, 49 / 180, 1 / 20],
    ]

    /// Where the next rule needs further points; empty if the piece is to be split.
    var missing: [Double] {
      switch points.count {
      case 2: [first.place + width / 2]
      case 3 where isSmooth:
        [first.place + width * Self.lobatto, first.place + width * (1 - Self.lobatto)]
      default: []
      }
    }

    /// Whether the middle has taken away most of the trapezoid's error, so that a rule of higher order takes away the rest.
    private var isSmooth: Bool { error < Self.smoothness * Piece(points: [first, last]).error }

    private static let smoothness = 0.1

    /// (1 − √(3/7)) / 2
    private static let lobatto = (1 - (3.0 / 7).squareRoot()) / 2
  }

  private var pieces: [Piece]

  /// - Parameters:
  ///   - first: the beginning of the line.
  ///   - last: its end.
  init(_ first: Point, _ last: Point) {
    pieces = [Piece(points: [first, last])]
  }

  var integral: Double { pieces.reduce(0) { $0 + $1.integral } }

  /// How far the integral is from the true change between the ends of the line. What the pieces miss has signs, and some of it cancels.
  var error: Double { abs(pieces.reduce(0) { $0 + $1.missed }) }

  /// Beyond this number of pieces the error is rounding, which no point removes.
  static let mostPieces = 256

  /// Splits pieces that have all their points, and says where the slope is needed next; empty if the error is within the tolerance, or rounding.
  ///
  /// - Returns: places whose points `add` wants, in this order.
  mutating func refine(tolerance: Double) -> [Double] {
    guard error > tolerance else { return [] }
    var chosen = chosen(tolerance)
    let before = pieces
    while chosen.contains(where: { pieces[$0].missing.isEmpty }) {
      guard pieces.count < Self.mostPieces else {
        pieces = before
        return []
      }
      let full = Set(chosen.filter { pieces[$0].missing.isEmpty })
      pieces = pieces.indices.flatMap { place -> [Piece] in
        let points = pieces[place].points
        guard full.contains(place) else { return [pieces[place]] }
        return zip(points, points.dropFirst()).map { Piece(points: [$0, $1]) }
      }
      guard error > tolerance else { return [] }
      chosen = self.chosen(tolerance)
    }
    return chosen.flatMap { pieces[$0].missing }
  }

  /// Adds the points that `refine` asked for.
  mutating func add(_ points: [Point], tolerance: Double) {
    var rest = points[...]
    for piece in chosen(tolerance) {
      let count = pieces[piece].missing.count
      pieces[piece].points = (pieces[piece].points + rest.prefix(count)).sorted { $0.place < $1.place }
      rest = rest.dropFirst(count)
    }
  }

  /// The pieces with the largest errors, so many that the others' sum to no more than these, or are within the tolerance.
  private func chosen(_ tolerance: Double) -> [Int] {
    let errors = pieces.map(\.error)
    var rest = errors.reduce(0, +)
    let allowed = max(tolerance, rest / 2)
    return pieces.indices.sorted { (errors[$1], $0) < (errors[$0], $1) }.filter { piece in
      defer { rest -= errors[piece] }
      return rest > allowed
    }
  }
}
