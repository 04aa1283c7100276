import Foundation
import RandomStreams

/// Simulated data that resemble those of seeds and components.
struct Simulation {
  var stream: CounterStream

  init(_ seed: UInt64) { stream = CounterStream(seed: seed, purpose: .validation) }

  mutating func normal() -> Double { Double(stream.normal()) }

  mutating func normals(_ count: Int) -> [Double] { (0..<count).map { _ in normal() } }

  mutating func uniform() -> Double { Double(stream.uniform()) }

  /// Distributions of rhos over seeds.
  enum Seeds: CaseIterable {
    /// High and skewed to the left, with a tail of low seeds: tanh N(1, 0.6²).
    case reversal
    /// Low and nearly symmetric: tanh N(0.35, 0.35²).
    case sorting
    /// Two clusters: four in five seeds near 0.75, the others near 0.
    case clusters
  }

  /// The measured rho of a seed: its own value with measurement noise, N(0, 0.15²), added on Fisher's z
  /// scale.
  mutating func rho(_ kind: Seeds) -> Double {
    let own: Double
    switch kind {
    case .reversal: own = 1 + 0.6 * normal()
    case .sorting: own = 0.35 + 0.35 * normal()
    case .clusters: own = uniform() < 0.2 ? 0.15 * normal() : 0.97 + 0.2 * normal()
    }
    return tanh(own + 0.15 * normal())
  }

  /// Two scores of components with correlation `rho`, each measured on two halves: standard normal values,
  /// with noise that leaves the mean of both halves the given reliability.
  mutating func halves(components: Int, rho: Double, reliability: (Double, Double)) -> MeasuredScores {
    let first = normals(components)
    let second = first.map { rho * $0 + (1 - rho * rho).squareRoot() * normal() }
    return MeasuredScores(
      first: first, second: second,
      firstHalves: measure(first, reliability.0), secondHalves: measure(second, reliability.1))
  }

  private mutating func measure(_ values: [Double], _ reliability: Double) -> [[Double]] {
    let noise = (2 * (1 - reliability) / reliability).squareRoot()
    return (0..<2).map { _ in values.map { $0 + noise * normal() } }
  }
}

/// Two scores without noise, and as measured on two halves each.
struct MeasuredScores {
  var first: [Double]
  var second: [Double]
  var firstHalves: [[Double]]
  var secondHalves: [[Double]]
}

/// The share of `trials` in which the interval contains the truth. A missing interval counts as a failure.
func coverage(trials: Int, truth: Double, _ interval: (UInt64) throws -> (lower: Double, upper: Double)?)
  rethrows
  -> Double
{
  var covered = 0
  for trial in 0..<trials {
    if let ends = try interval(UInt64(trial)), ends.lower <= truth, truth <= ends.upper { covered += 1 }
  }
  return Double(covered) / Double(trials)
}
