import CPUDevice
import Compute
import Importance
import RandomStreams
import Tasks
import TestModels
import Testing
import Transformer

@Suite("Shapley values") struct ShapleyTests {
  @Test("of an additive game equal each player's own worth, whatever the permutations")
  func additive() throws {
    let weights = [[0.5, -2], [3, 0], [0, 0], [1.25, 7], [-4, 0.125]]
    func game(_ coalitions: [[Int]]) -> [[Double]] {
      coalitions.map { coalition in (0..<2).map { c in coalition.reduce(1) { $0 + weights[$1][c] } } }
    }
    var stream = CounterStream(seed: 161, purpose: .permutation)
    let sampled = try ShapleyValues(players: 5, pairs: 3, from: &stream, game: game)
    let exact = try ShapleyValues.exact(players: 5, game: game)
    for (player, weights) in weights.enumerated() {
      for column in 0..<2 {
        #expect(abs(sampled.values[player][column] - weights[column]) <= 1e-12)
        #expect(abs(exact[player][column] - weights[column]) <= 1e-12)
      }
    }
    #expect(try #require(sampled.standardErrors(ofColumns: 0..<2)).allSatisfy { $0 <= 1e-12 })
  }

  /// Worths that depend on the whole coalition and are the same at each call.
  private func irregular(players: Int, columns: Int) -> ShapleyValues.Game {
    { coalitions in
      coalitions.map { coalition in
        (0..<columns).map { column in
          var stream = CounterStream(seed: UInt64(column), purpose: .extra)
          let mask = coalition.reduce(UInt64(0)) { $0 | 1 << UInt64($1) }
          stream = stream.split(mask)
          return Double(stream.uniform()) + 0.3 * Double(coalition.count)
        }
      }
    }
  }

  @Test(
    "drawn from permutations are the exact ones within their errors, which are neither too small nor too large"
  )
  func sampled() throws {
    let (players, columns) = (6, 4)
    let game = irregular(players: players, columns: columns)
    let exact = try ShapleyValues.exact(players: players, game: game).map {
      $0.reduce(0, +) / Double(columns)
    }
    var squares: [Double] = []
    for trial in 0..<60 {
      var stream = CounterStream(seed: 162, purpose: .permutation).split(UInt64(trial))
      let sampled = try ShapleyValues(players: players, pairs: 24, from: &stream, game: game)
      let errors = try #require(sampled.standardErrors(ofColumns: 0..<columns))
      for player in 0..<players {
        let mean = sampled.values[player].reduce(0, +) / Double(columns)
        let z = (mean - exact[player]) / errors[player]
        #expect(abs(z) <= 6)
        squares.append(z * z)
      }
    }
    // The squares of Student's t with 23 degrees of freedom have a mean of 23/21.
    let mean = squares.reduce(0, +) / Double(squares.count)
    #expect(mean > 0.8 && mean < 1.4, "\(mean)")
  }

  @Test("sum to the worth of all players minus that of none in every column, sampled or exact")
  func efficiency() throws {
    let (players, columns) = (7, 5)
    let game = irregular(players: players, columns: columns)
    let ends = try game([[], Array(0..<players)])
    var stream = CounterStream(seed: 163, purpose: .permutation)
    let sampled = try ShapleyValues(players: players, pairs: 5, from: &stream, game: game).values
    let exact = try ShapleyValues.exact(players: players, game: game)
    for values in [sampled, exact] {
      for column in 0..<columns {
        let sum = values.reduce(0) { $0 + $1[column] }
        #expect(abs(sum - (ends[1][column] - ends[0][column])) <= 1e-12)
      }
    }
  }

  @Test("of the glove game have their closed form, and symmetric players have equal values")
  func gloves() throws {
    // Two left gloves and one right glove: a pair is worth 1. The value of the right glove is 2/3, that of
    // each left one 1/6.
    func game(_ coalitions: [[Int]]) -> [[Double]] {
      coalitions.map { [$0.contains(2) && $0.count > 1 ? 1 : 0] }
    }
    let exact = try ShapleyValues.exact(players: 3, game: game).map { $0[0] }
    #expect(exact[0] == exact[1])
    #expect(zip(exact, [1.0 / 6, 1.0 / 6, 2.0 / 3]).allSatisfy { abs($0 - $1) <= 1e-15 })
    #expect(throws: ImportanceError.self) { try ShapleyValues.exact(players: 17, game: game) }
    #expect(throws: ImportanceError.self) { try ShapleyValues.exact(players: 2) { _ in [[1]] } }
  }

  /// Heads 0 and 1 of the first layer are identical.
  private func modelWithTwins(on device: any Device) throws -> Transformer {
    let configuration = ModelConfiguration(layers: 2, heads: 3, dModel: 24, dMLP: 30)
    var parameters = ParameterLayout(configuration).randomParameters(seed: 164, attentionScale: 3)
    for tensor in ParameterLayout(configuration).namedTensors
    where tensor.name.hasPrefix("blocks.0.attn.") && tensor.name != "blocks.0.attn.b_O" {
      var values = tensor.extract(from: parameters)
      let size = values.count / 3
      values.replaceSubrange(size..<2 * size, with: values[..<size])
      tensor.insert(values, into: &parameters)
    }
    return try Transformer(configuration, parameters: [parameters], on: device)
  }

  @Test(
    "of two identical heads are equal, and sampled values agree with the exact ones within errors")
  func twins() throws {
    let model = try modelWithTwins(on: CPUDevice(threads: 2))
    let samples = try Examples.causalSamples(48, 2...3, seed: 165)
    let evaluation = CausalEvaluation(model, samples)
    let components = Component.all(of: model.configuration)
    let clean = try evaluation.outcomes([.none])[0]
    let exact = try ShapleyValues.exact(players: components.count) { coalitions in
      try evaluation.outcomes(
        coalitions.map { try evaluation.intervention(on: $0.map { components[$0] }, .resample) }
      ).map { (clean - $0).logProbability }
    }.map { $0.reduce(0, +) / Double(samples.count) }
    #expect(abs(exact[0] - exact[1]) <= 1e-5 * abs(exact[0]))
    #expect(abs(exact[0] - exact[2]) > 1e-2 * abs(exact[0]))

    let stream = CounterStream(seed: 166, purpose: .permutation)
    let drawn = try ComponentShapley(evaluation, components, .resample, block: 5, pairs: 2, from: stream)
    let errors = try #require(drawn.permutationErrors(.logProbability))
    for (player, value) in exact.enumerated() {
      #expect(abs(drawn.values[player].mean(.logProbability) - value) <= 5 * errors[player])
    }
    let full = clean - (try evaluation.outcomes([evaluation.intervention(on: components, .resample)])[0])
    #expect(drawn.full == full)
    for effect in Effect.allCases {
      for i in 0..<samples.count {
        let sum = drawn.values.reduce(0) { $0 + $1[effect][i] }
        #expect(abs(sum - full[effect][i]) <= 1e-10, "\(effect)")
      }
    }
    // Samples differ as well, and their error is the larger one.
    let total = try #require(drawn.standardErrors(.logProbability))
    #expect(zip(total, errors).count { $0 > $1 } > components.count / 2)
    let again = try ComponentShapley(evaluation, components, .resample, block: 5, pairs: 2, from: stream)
    #expect(again.values == drawn.values)
  }
}
