import CPUDevice
import Compute
import Foundation
import RandomStreams
import Tasks
import Testing
import Transformer

@testable import Importance

@Suite("The quadrature along a line") struct LineQuadratureTests {
  /// Integrates the derivative of a function from 0 to 1; gives the integral, the number of slopes that it took, and what is left.
  private func integrate(tolerance: Double, _ f: (Double) -> (value: Double, slope: Double))
    -> (
      integral: Double, slopes: Int, error: Double
    )
  {
    func point(_ place: Double) -> LineQuadrature.Point {
      let found = f(place)
      return LineQuadrature.Point(place: place, value: found.value, slope: found.slope)
    }
    var quadrature = LineQuadrature(point(0), point(1))
    var slopes = 2
    while true {
      let places = quadrature.refine(tolerance: tolerance)
      if places.isEmpty { break }
      #expect(places.allSatisfy { (0...1).contains($0) })
      slopes += places.count
      quadrature.add(places.map(point), tolerance: tolerance)
    }
    return (quadrature.integral, slopes, quadrature.error)
  }

  @Test("is exact for slopes of degree 1 with two points, of degree 3 with three", arguments: 1...8)
  func exact(power: Int) {
    let found = integrate(tolerance: 1e-12) {
      (pow($0, Double(power)), Double(power) * pow($0, Double(power - 1)))
    }
    #expect(abs(found.integral - 1) < 1e-12)
    if power <= 4 { #expect(found.slopes == (power <= 2 ? 2 : 3)) }
    // At power 8 the middle leaves an eighth of the trapezoid's error, so that the piece is split.
    if power == 8 { #expect(found.slopes > 5) }
  }

  /// The slope u² − 20/9·u⁴ + 4u³ with u = x − ½: with three points the two halves miss 1/16 and −1/16.
  @Test("stops where the errors of pieces cancel")
  func cancellation() {
    let found = integrate(tolerance: 1e-9) { x in
      let u = x - 0.5
      let value = u * u * u / 3 - 4 * u * u * u * u * u / 9 + u * u * u * u
      return (value, u * u - 20 * u * u * u * u / 9 + 4 * u * u * u)
    }
    #expect(found.error <= 1e-9 && found.slopes == 3)
  }

  /// ∫ 8x⁷ dx. Simpson's error of 0.375 is more than a tenth of the trapezoid's 3; on (1 + x)⁸, which is smoother, it is less.
  @Test("takes the five-point rule, exact for degree 7, where the slope is smooth")
  func smooth() {
    let found = integrate(tolerance: 1e-9) { (pow(1 + $0, 8), 8 * pow(1 + $0, 7)) }
    #expect(abs(found.integral - 255) < 1e-9 && found.slopes == 5)
  }

  @Test("finds a narrow step to any tolerance, with points only where it is", arguments: [1e-3, 1e-6, 1e-9])
  func step(tolerance: Double) {
    let sharpness = 300.0
    let found = integrate(tolerance: tolerance) { x in
      let t = tanh(sharpness * (x - 0.317))
      return (t, sharpness * (1 - t * t))
    }
    let whole = tanh(sharpness * 0.683) - tanh(-sharpness * 0.317)
    #expect(found.error <= tolerance && abs(found.integral - whole) <= tolerance)
    #expect(found.slopes < 300, "\(found.slopes)")
  }

  @Test("asks for nothing where the error is within the tolerance, or where nothing changes")
  func nothing() {
    #expect(integrate(tolerance: 1) { ($0, 1) }.slopes == 2)
    #expect(integrate(tolerance: 0) { _ in (2, 0) } == (0, 2, 0))
  }

  @Test("ends where rounding leaves an error that no point removes")
  func rounding() {
    var random = CounterStream(seed: 4, purpose: .validation)
    let found = integrate(tolerance: 1e-9) { x in
      (x + 1e-7 * Double(random.uniform()), 1 + 1e-7 * Double(random.uniform()))
    }
    #expect(abs(found.integral - 1) < 1e-6 && found.slopes < 5 * LineQuadrature.mostPieces)
  }
}

@Suite("Gradient norms of single samples") struct SequenceGradientNormsTests {
  @Test("equal those of a batch with one sample, for any memory limit", arguments: [1, 4000, 1 << 23])
  func chunks(elementLimit: Int) throws {
    let model = try Examples.randomModel(seed: 171, on: CPUDevice(threads: 2))
    var sequences = Examples.sequences(5, 1...4, seed: 172)
    // A sequence without targets has no rows.
    sequences.insert(TokenSequence(tokens: [1, 2], targets: [-100, -100]), at: 2)
    let components = Component.all(of: model.configuration)
    func squares(_ sequences: [TokenSequence]) throws -> [[Double]] {
      let batch = try Batch(sequences, for: model.configuration, on: model.device)
      let norms = SequenceGradientNorms(components, batch, in: model, elementLimit: elementLimit)
      let forward = try model.keptForward(batch)
      try model.backward(forward, .none) { try norms.add($0) }
      return norms.squares
    }
    let together = try squares(sequences)
    let targets = sequences.map { $0.targets.count(where: { $0 >= 0 }) }
    for (sample, sequence) in sequences.enumerated() where targets[sample] > 0 {
      // The row weights are smaller in a larger batch.
      let share = Double(targets[sample]) / Double(targets.reduce(0, +))
      let alone = try squares([sequence])
      for component in components.indices {
        let expected = alone[component][0] * share * share
        #expect(abs(together[component][sample] - expected) <= 1e-5 * expected)
        #expect(expected > 0)
      }
    }
    #expect(together.allSatisfy { $0[2] == 0 })
  }
}

@Suite("The QK fix") struct AttentionAttributionTests {
  /// Two rows and one head of width 1, computed by hand.
  @Test("measures the effect through a saturated softmax")
  func saturated() {
    func matrix(_ values: [Double]) -> HostMatrix { HostMatrix(values: values, width: 1) }
    // The second query sees the first key with a weight of 1 − 4e-18. A changed query reverses this.
    let attribution = AttentionAttribution(
      query: matrix([0, 20]), key: matrix([1, -1]), value: matrix([3, 5]),
      queryDifference: matrix([0, -40]), keyDifference: matrix([0, 0]), valueDifference: matrix([0, 0]),
      zGradient: matrix([0, 1]), columns: 0..<1)
    let value = attribution(queries: 0..<2, keys: 0..<2, positions: [0, 1])
    #expect(abs(value - 2) <= 1e-12)
  }

  @Test("is finite and correct if scores differ by a thousand")
  func extreme() {
    func matrix(_ values: [Double]) -> HostMatrix { HostMatrix(values: values, width: 1) }
    let attribution = AttentionAttribution(
      query: matrix([1]), key: matrix([0, -1000, -2000]), value: matrix([1, 4, 9]),
      queryDifference: matrix([0]), keyDifference: matrix([-1500, 0, 4000]),
      valueDifference: matrix([0, 0, 0]), zGradient: matrix([1]), columns: 0..<1)
    // Without the first key, all weight goes to the second; with the new score of the third key, to the
    // third.
    let value = attribution(queries: 0..<1, keys: 0..<3, positions: [2])
    #expect(abs(value - (3 + 0 + 8)) <= 1e-12)
  }

  @Test("adds the change of one key at a time, and the values linearly")
  func keysAndValues() {
    func matrix(_ values: [Double]) -> HostMatrix { HostMatrix(values: values, width: 1) }
    let attribution = AttentionAttribution(
      query: matrix([1]), key: matrix([0, 0]), value: matrix([1, 4]), queryDifference: matrix([0]),
      keyDifference: matrix([0.5, -0.25]), valueDifference: matrix([2, -6]), zGradient: matrix([3]),
      columns: 0..<1)
    // Only the query at position 1 is computed, as in the last block, and both keys have a weight of ½.
    func mean(_ a: Double, _ b: Double) -> Double { (exp(a) * 3 + exp(b) * 12) / (exp(a) + exp(b)) }
    let expected = mean(0.5, 0) + mean(0, -0.25) - 2 * 7.5 + 0.5 * (6 - 18)
    #expect(abs(attribution(queries: 0..<1, keys: 0..<2, positions: [1]) - expected) <= 1e-12)
  }

  @Test("leaves out the keys before a window, and caps scores")
  func windowAndCap() {
    func matrix(_ values: [Double]) -> HostMatrix { HostMatrix(values: values, width: 1) }
    let attribution = AttentionAttribution(
      query: matrix([1]), key: matrix([7, 0, 0]), value: matrix([50, 1, 4]), queryDifference: matrix([0]),
      keyDifference: matrix([9, 0.5, -0.25]), valueDifference: matrix([8, 2, -6]), zGradient: matrix([3]),
      columns: 0..<1, rule: AttentionScores(scale: 3, cap: 2, window: 2))
    func mean(_ a: Double, _ b: Double) -> Double {
      let (p, q) = (exp(2 * tanh(3 * a / 2)), exp(2 * tanh(3 * b / 2)))
      return (p * 3 + q * 12) / (p + q)
    }
    let expected = mean(0.5, 0) + mean(0, -0.25) - 2 * 7.5 + 0.5 * (6 - 18)
    #expect(abs(attribution(queries: 0..<1, keys: 0..<3, positions: [2]) - expected) <= 1e-12)
  }
}
