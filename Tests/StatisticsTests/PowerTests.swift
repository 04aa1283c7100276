import RandomStreams
import Testing

@testable import Statistics

@Suite("Simulated power") struct PowerTests {
  /// Normal values with mean 0 and standard deviation 1, up to their number.
  private let standard: [Double] = {
    var simulation = Simulation(11)
    return simulation.normals(4_000)
  }()

  private func generator() -> CounterStream { CounterStream(seed: 3, purpose: .power) }

  /// Powers of Student's t test from scipy 1.16's noncentral t distribution; the sign-flip test's are near them.
  @Test(
    "is that of the exact theory for normal values, within 0.05",
    arguments: [
      (12, 1, 0.05, 0.8829), (30, 0.5, 0.05, 0.7540), (30, 0.8, 0.05 / 21, 0.8393),
      (60, 0.5, 0.05 / 21, 0.7527),
    ])
  func theory(count: Int, effect: Double, level: Double, expected: Double) throws {
    let simulation = try #require(PowerSimulation(standard, effect: effect, level: level))
    var generator = generator()
    let power = simulation.power(count: count, simulations: 2_000, using: &generator)
    #expect(abs(power - expected) < 0.05, "\(power)")
  }

  @Test("is the level where there is no effect worth the name")
  func level() throws {
    let simulation = try #require(PowerSimulation(standard, effect: 1e-9, level: 0.05))
    for count in [20, 60] {
      var generator = generator()
      #expect(abs(simulation.power(count: count, simulations: 4_000, using: &generator) - 0.05) < 0.015)
    }
  }

  /// The power that is stated for a study, from its own few seeds, against how often such studies find the effect.
  @Test("stated from thirty seeds, agrees on average with how often the effect is found")
  func stated() throws {
    var simulation = Simulation(23)
    var generator = generator()
    let (effect, level, seeds, studies) = (0.55, 0.05 / 21, 30, 300)
    let patterns = SignPatterns(count: seeds, draws: 1_999, using: &generator)
    var (found, stated) = (0.0, 0.0)
    for _ in 0..<studies {
      let values = simulation.normals(seeds).map { effect + $0 }
      found += try signFlipIsSignificant(values, level: level) { _ in patterns } ? 1 : 0
      let power = try #require(PowerSimulation(values, effect: effect, level: level))
      stated += power.power(count: seeds, simulations: 100, using: &generator)
    }
    #expect(abs(found - stated) / Double(studies) < 0.05, "found \(found), stated \(stated)")
  }

  /// The exact theory asks for 34 and 172.
  @Test("says how many seeds find an effect", arguments: [(0.5, 0.05, 34), (0.3, 0.05 / 21, 172)])
  func needed(effect: Double, level: Double, expected: Int) throws {
    let simulation = try #require(PowerSimulation(standard, effect: effect, level: level))
    var generator = generator()
    let count = try #require(simulation.countNeeded(simulations: 2_000, using: &generator))
    #expect(abs(Double(count) / Double(expected) - 1) < 0.12, "\(count)")
  }

  @Test("has no answer without spread or effect, and says where it takes too many")
  func nothing() throws {
    #expect(PowerSimulation([1], effect: 1, level: 0.05) == nil)
    #expect(PowerSimulation([2, 2, 2], effect: 1, level: 0.05) == nil)
    #expect(PowerSimulation([1, 2, 3], effect: 0, level: 0.05) == nil)
    var generator = generator()
    let simulation = try #require(PowerSimulation(standard, effect: 0.001, level: 0.05))
    #expect(simulation.countNeeded(simulations: 100, using: &generator) == nil)
  }
}
