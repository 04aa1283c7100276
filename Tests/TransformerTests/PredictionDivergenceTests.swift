import Foundation
import Testing

@testable import Transformer

@Suite("A divergence of predictions") struct PredictionDivergenceTests {
  @Test("ignores what the clean run excludes, and is infinite where only the other one excludes it")
  func infinities() {
    let clean = CleanPrediction([0, -.infinity, 0, 0], width: 2)
    let found = clean.divergences(of: [0, 1, 0, -.infinity])
    #expect(abs(found[0] - log(1 + exp(1.0))) <= 1e-15)
    #expect(found[1] == .infinity)
  }

  @Test("is exactly 0 for equal logits, and stays what is not a number")
  func equalAndNaN() {
    let logits: [Float] = (0..<14).map { Float($0 * $0 % 5) }
    let clean = CleanPrediction(logits, width: 7)
    #expect(clean.divergences(of: logits) == [0, 0])
    let spoilt = clean.divergences(of: [.nan] + logits.dropFirst())
    #expect(spoilt[0].isNaN && spoilt[1] == 0)
  }
}
