import Foundation
import RandomStreams
import Testing

@testable import Transformer

@Suite("A softmax on the host") struct SoftmaxTests {
  @Test("has exponentials within two units in the last place")
  func exponential() {
    var stream = CounterStream(seed: 161, purpose: .evaluation)
    var worst = 0.0
    for scale in [1e-9, 1e-3, 1, 30, 700] as [Double] {
      for _ in 0..<2000 {
        let x = -scale * Double(stream.uniform())
        let found = Softmax.exponential(SIMD4(repeating: x))
        #expect(found == SIMD4(repeating: found[0]))
        worst = max(worst, abs(found[0] - exp(x)) / exp(x).ulp)
      }
    }
    #expect(worst <= 2)
    #expect(Softmax.exponential(.zero) == .one)
    #expect(Softmax.exponential(SIMD4(-.infinity, -1e30, -708, -707.1)) == .zero)
    let mixed = Softmax.exponential(SIMD4(-1, .nan, 0, -2))
    #expect(mixed[1].isNaN && mixed[2] == 1)
  }

  @Test("sums to 1 at every width", arguments: [1, 3, 4, 5, 103])
  func probabilities(width: Int) {
    var stream = CounterStream(seed: 162, purpose: .evaluation)
    let logits = (0..<width).map { _ in Float(20 * stream.uniform() - 10) }
    let logSum = Softmax.logSum(logits[...])
    let expected = log(logits.reduce(0) { $0 + exp(Double($1)) })
    #expect(abs(logSum - expected) <= 1e-14)
    let probabilities = Softmax.probabilities(logits[...], logSum: logSum)
    #expect(probabilities.count == width)
    for (logit, p) in zip(logits, probabilities) { #expect(abs(p - exp(Double(logit) - expected)) <= 1e-14) }
    #expect(Softmax.logSum(([.nan] + logits)[...]).isNaN)
    #expect(Softmax.logSum((logits + [-.infinity])[...]) == logSum)
  }
}
