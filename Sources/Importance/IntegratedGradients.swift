import Tasks
import Transformer

/// Integrated gradients of every component on one batch. A component's output moves on the straight line from what it is to
/// what replaces it, everything above it recomputed, and the metric's slope along the line is integrated.
///
/// On a trained model the slope has narrow peaks, where an answer tips over. What the metric does between two points is known, so
/// the line is halved where Gauss–Legendre points miss it, and nowhere else.
struct IntegratedGradients {
  private let request: GradientScoreRequest
  private let clean: CleanPass
  private let evaluator: LineEvaluator
  /// By sample.
  private let cleanMetric: [Double]
  /// Halvings of the line at most: a component without effect to speak of is all rounding.
  private static let roundLimit = 8
  /// What single precision leaves of a metric, relative to it or to 1.
  private static let rounding = 2e-6

  /// To be made while the clean forward is the last.
  init(
    _ request: GradientScoreRequest, _ clean: CleanPass, _ metric: MetricGradient,
    _ partners: [TokenSequence]?, _ transformer: Transformer
  ) throws {
    self.request = request
    self.clean = clean
    cleanMetric = try metric.values(clean.batch, on: transformer)
    evaluator = LineEvaluator(request, clean, partners, transformer)
  }

  /// [component][sample]
  func run() throws -> (values: [[Double]], effects: [[Double]]) {
    let zeros = request.components.map { _ in clean.sequences.map { _ in 0.0 } }
    var (values, effects) = (zeros, zeros)
    // Nothing moves the metric of samples without targets.
    let samples = clean.sequences.indices.filter { clean.sequences[$0].targets.contains { $0 >= 0 } }
    for layer in Set(request.components.map(\.layer)).sorted() {
      let members = request.components.indices.filter { request.components[$0].layer == layer }
      var lines = members.flatMap { member in samples.map { Line(member: member, sample: $0) } }
      try start(&lines, layer)
      for member in members {
        let own = lines.indices.filter { lines[$0].member == member }
        let typical = own.reduce(0) { $0 + abs(lines[$1].effect) } / Double(max(own.count, 1))
        for i in own {
          lines[i].tolerance = max(
            request.integrationTolerance * max(abs(lines[i].effect), typical),
            Self.rounding * max(1, abs(cleanMetric[lines[i].sample])))
        }
      }
      for _ in 0..<Self.roundLimit where try refine(&lines, layer) == false { break }
      for line in lines {
        values[line.member][line.sample] = line.pieces.reduce(0) { $0 + $1.integral }
        effects[line.member][line.sample] = line.effect
      }
    }
    return (values, effects)
  }

  /// A component's line in one sample.
  private struct Line {
    let member: Int
    let sample: Int
    /// From clean to replaced, without gaps.
    var pieces: [Piece] = []
    var effect = 0.0
    var tolerance = 0.0

    /// The pieces whose errors don't fit in the tolerance, the worst first; half of it is left for what replaces them.
    var wanting: [Int] {
      var rest = pieces.reduce(0) { $0 + $1.error }
      guard rest > tolerance else { return [] }
      var result: [Int] = []
      for i in pieces.indices.sorted(by: { pieces[$0].error > pieces[$1].error }) where rest > tolerance / 2 {
        rest -= pieces[i].error
        result.append(i)
      }
      return result
    }
  }

  private struct Piece {
    var range: ClosedRange<Double>
    /// The metric at its ends.
    var first, last: Double
    /// Of the slope, by quadrature.
    var integral: Double

    var error: Double { abs(last - first - integral) }
  }

  /// One piece from end to end, for every line.
  private func start(_ lines: inout [Line], _ layer: Int) throws {
    let count = request.integration.points.count + 1
    let places = lines.flatMap { line in
      ([1] + request.integration.points).map {
        LineEvaluator.Place(component: line.member, sample: line.sample, share: $0)
      }
    }
    let found = try evaluator.evaluate(places, layer)
    for i in lines.indices {
      let own = found[i * count..<(i + 1) * count]
      let (clean, end) = (cleanMetric[lines[i].sample], own.first?.metric ?? 0)
      lines[i].effect = end - clean
      lines[i].pieces = [
        Piece(range: 0...1, first: clean, last: end, integral: integral(own.dropFirst(), width: 1))
      ]
    }
  }

  /// Halves what is wanting. Returns whether anything was.
  private func refine(_ lines: inout [Line], _ layer: Int) throws -> Bool {
    let wanting = lines.indices.flatMap { line in lines[line].wanting.map { (line: line, piece: $0) } }
    guard !wanting.isEmpty else { return false }
    let points = request.integration.points
    let places = wanting.flatMap { line, piece in
      let range = lines[line].pieces[piece].range
      let half = (range.upperBound - range.lowerBound) / 2
      let middle = range.lowerBound + half
      let shares =
        [middle] + points.map { range.lowerBound + half * $0 } + points.map { middle + half * $0 }
      return shares.map {
        LineEvaluator.Place(component: lines[line].member, sample: lines[line].sample, share: $0)
      }
    }
    let found = try evaluator.evaluate(places, layer)
    let count = 2 * points.count + 1
    for (i, place) in wanting.enumerated() {
      let own = found[i * count..<(i + 1) * count]
      let whole = lines[place.line].pieces[place.piece]
      let half = (whole.range.upperBound - whole.range.lowerBound) / 2
      let middle = whole.range.lowerBound + half
      let metric = own.first?.metric ?? 0
      lines[place.line].pieces[place.piece] = Piece(
        range: whole.range.lowerBound...middle, first: whole.first, last: metric,
        integral: integral(own.dropFirst().prefix(points.count), width: half))
      // Behind the others, so that indices still to come stay what they are.
      lines[place.line].pieces.append(
        Piece(
          range: middle...whole.range.upperBound, first: metric, last: whole.last,
          integral: integral(own.suffix(points.count), width: half)))
    }
    return true
  }

  private func integral(_ found: ArraySlice<(metric: Double, slope: Double)>, width: Double) -> Double {
    zip(found, request.integration.weights).reduce(0) { $0 + width * $1.1 * $1.0.slope }
  }
}
