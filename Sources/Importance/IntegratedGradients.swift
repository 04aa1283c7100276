import Tasks
import Transformer

/// Integrated gradients of every component on one batch. The output of a component moves along the straight
/// line from its activation to its replacement while everything above it is recomputed, and the slope of the
/// metric along the line is integrated.
///
/// On a trained model the slope has narrow peaks where an answer changes. The true change of the metric
/// between two points is known. So the line is halved only where the Gauss–Legendre points miss that change.
struct IntegratedGradients {
  private let request: GradientScoreRequest
  private let clean: CleanPass
  private let evaluator: LineEvaluator
  /// For each sample.
  private let cleanMetric: [Double]
  /// The largest number of halvings. For a component with almost no effect, the rest is rounding.
  private static let roundLimit = 8
  /// The rounding error of a metric in single precision, relative to the metric or to 1.
  private static let rounding = 2e-6

  /// Must be made while the clean forward is the last forward.
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
    // The metric of samples without targets never changes.
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

  /// The line of one component in one sample.
  private struct Line {
    let member: Int
    let sample: Int
    /// From clean to replaced, without gaps.
    var pieces: [Piece] = []
    var effect = 0.0
    var tolerance = 0.0

    /// The pieces whose errors exceed the tolerance, the worst first. Half of the tolerance is reserved for
    /// their halves.
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
    /// The metric at the two ends of the piece.
    var first, last: Double
    /// The integral of the slope by quadrature.
    var integral: Double

    var error: Double { abs(last - first - integral) }
  }

  /// Begins every line with one piece from end to end.
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

  /// Halves the pieces whose errors are too large. Returns whether there were any.
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
      // Appended, so that indices still to be processed stay valid.
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
