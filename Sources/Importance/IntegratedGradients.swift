import Tasks
import Transformer

/// Integrated gradients of every component on one batch. The output of a component moves along the straight
/// line from its activation to its replacement while everything above it is recomputed, and the slope of the
/// metric along the line is integrated.
///
/// On a trained model the slope has narrow peaks where an answer changes. The true change of the metric
/// between two points is known, so points are added only as long as the quadrature misses that change (`LineQuadrature`).
struct IntegratedGradients {
  private let request: GradientScoreRequest
  private let clean: CleanPass
  private let evaluator: LineEvaluator
  /// For each sample.
  private let cleanMetric: [Double]
  /// [component][sample]: the slope at the beginning of each line, which is the attribution of a linear model.
  private let cleanSlopes: [[Double]]
  /// Smaller effects, relative to the metric or to 1, are integrated no more accurately than one of this size.
  private static let smallEffect = 0.01

  /// Must be made while the clean forward is the last forward.
  init(
    _ request: GradientScoreRequest, _ clean: CleanPass, _ metric: MetricGradient, cleanSlopes: [[Double]],
    _ partners: [TokenSequence]?, _ transformer: Transformer
  ) throws {
    self.request = request
    self.clean = clean
    self.cleanSlopes = cleanSlopes
    cleanMetric = try metric.values(clean.batch, on: transformer)
    evaluator = LineEvaluator(request, clean, partners, transformer)
  }

  /// [component][sample]
  func run() throws -> (values: [[Double]], effects: [[Double]]) {
    let zeros = request.components.map { _ in clean.sequences.map { _ in 0.0 } }
    var (values, effects) = (zeros, zeros)
    // The metric of samples without targets never changes.
    let samples = clean.sequences.indices.filter { clean.sequences[$0].targets.contains { $0 >= 0 } }
    let members = Dictionary(grouping: request.components.indices) {
      ForwardStart(atOutputOf: request.components[$0])
    }
    for (start, members) in members.sorted(by: { $0.value[0] < $1.value[0] }) {
      var lines = try begin(members.flatMap { member in samples.map { (member, $0) } }, start)
      while try refine(&lines, start) {}
      for line in lines {
        values[line.member][line.sample] = line.quadrature.integral
        effects[line.member][line.sample] = line.effect
      }
    }
    return (values, effects)
  }

  /// The line of one component in one sample.
  private struct Line {
    let member: Int
    let sample: Int
    var quadrature: LineQuadrature
    let effect: Double
    /// It depends on this line alone, so that no score depends on the company in which it is computed.
    let tolerance: Double

    func place(_ share: Double) -> LineEvaluator.Place {
      LineEvaluator.Place(component: member, sample: sample, share: share)
    }
  }

  /// Begins every line with its ends, of which the clean one is known.
  private func begin(_ lines: [(member: Int, sample: Int)], _ start: ForwardStart) throws -> [Line] {
    let ends = try evaluator.evaluate(
      lines.map { LineEvaluator.Place(component: $0.member, sample: $0.sample, share: 1) }, from: start)
    return zip(lines, ends).map { line, end in
      let clean = cleanMetric[line.sample]
      let (effect, size) = (end.metric - clean, max(1, abs(clean)))
      let first = LineQuadrature.Point(place: 0, value: clean, slope: cleanSlopes[line.member][line.sample])
      return Line(
        member: line.member, sample: line.sample, quadrature: LineQuadrature(first, point(1, end)),
        effect: effect,
        tolerance: max(
          request.integrationTolerance * max(abs(effect), Self.smallEffect * size),
          request.integrationRounding * size))
    }
  }

  /// Adds points to the lines whose error is too large. Returns whether there were any.
  private func refine(_ lines: inout [Line], _ start: ForwardStart) throws -> Bool {
    var wanted: [(line: Int, shares: [Double])] = []
    for i in lines.indices {
      let shares = lines[i].quadrature.refine(tolerance: lines[i].tolerance)
      if !shares.isEmpty { wanted.append((i, shares)) }
    }
    guard !wanted.isEmpty else { return false }
    var found = try evaluator.evaluate(
      wanted.flatMap { line, shares in shares.map { lines[line].place($0) } }, from: start)[...]
    for (line, shares) in wanted {
      lines[line].quadrature.add(
        zip(shares, found).map { point($0, $1) }, tolerance: lines[line].tolerance)
      found = found.dropFirst(shares.count)
    }
    return true
  }

  private func point(_ share: Double, _ found: (metric: Double, slope: Double)) -> LineQuadrature.Point {
    LineQuadrature.Point(place: share, value: found.metric, slope: found.slope)
  }
}
