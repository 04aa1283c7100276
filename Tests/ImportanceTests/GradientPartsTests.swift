import CPUDevice
import Compute
import Foundation
import Tasks
import Testing
import Transformer

@testable import Importance

@Suite("Gauss–Legendre quadrature") struct GaussLegendreTests {
  @Test("is exact for polynomials of degree 2·count − 1, and not beyond", arguments: [1, 2, 3, 5, 8, 13, 24])
  func exact(count: Int) {
    let rule = GaussLegendre(count)
    #expect(rule.points.count == count)
    #expect(rule.points == rule.points.sorted())
    func integral(_ degree: Int) -> Double {
      zip(rule.points, rule.weights).reduce(0) { $0 + $1.1 * pow($1.0, Double(degree)) }
    }
    for degree in 0..<2 * count {
      #expect(abs(integral(degree) * Double(degree + 1) - 1) <= 1e-13, "x^\(degree)")
    }
    if count <= 5 { #expect(abs(integral(2 * count) * Double(2 * count + 1) - 1) > 1e-8) }
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
}
