import Foundation
import Testing

@testable import Statistics

/// The results of scipy, numpy and diptest for random data, written by `Fixtures/make_inference_fixtures.py`.
struct InferenceFixtures: Decodable {
  struct Dip: Decodable {
    var values: [Double]
    var dip: Double
    var p: Double?
  }
  struct Kolmogorov: Decodable {
    var values: [Double]
    var statistic: Double
    var p: Double
  }
  struct SignFlip: Decodable {
    var differences: [Double]
    var alternative: Alternative
    var p: Double
    var mean: Double
  }
  struct Groups: Decodable {
    var x: [Double]
    var y: [Double]
    var alternative: Alternative
    var p: Double
    var difference: Double
  }
  struct Labels: Decodable {
    var labels: [[String]]
    var positions: [[Double]]
    var statistic: Double
    var pGreater: Double
    var pTwoSided: Double
  }
  struct Area: Decodable {
    var scores: [Double]
    var labels: [Bool]
    var groups: [Int]
    var area: Double
    var within: Double?
  }
  struct Logistic: Decodable {
    var features: [[Double]]
    var labels: [Bool]
    var groups: [Int]
    var ridge: Double
    var weights: [Double]
    var intercept: Double
    var probabilities: [Double]
    var heldOut: [Double?]
  }
  struct Concordance: Decodable {
    var scores: [[Double]]
    var w: Double
    var meanSpearman: Double
    var means: [Double]
    var deviations: [Double]
  }
  struct Quantile: Decodable {
    var values: [Double]
    var probability: Double
    var quantile: Double
  }
  struct Wilson: Decodable {
    var successes: Int
    var trials: Int
    var level: Double
    var lower: Double
    var upper: Double
  }
  var dips: [Dip]
  var dipPValues: [Dip]
  var kolmogorov: [Kolmogorov]
  var signFlips: [SignFlip]
  var groups: [Groups]
  var labels: Labels
  var areas: [Area]
  var logistic: [Logistic]
  var concordances: [Concordance]
  var quantiles: [Quantile]
  var wilson: [Wilson]

  static func load() throws -> InferenceFixtures {
    let folder = try #require(Bundle.module.resourceURL)
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let data = try Data(contentsOf: folder.appendingPathComponent("Fixtures/inference.json"))
    return try decoder.decode(InferenceFixtures.self, from: data)
  }
}

/// Whether two numbers agree within a bound. NaN agrees with no number.
func agree(_ found: Double, _ expected: Double, within bound: Double) -> Bool {
  abs(found - expected) <= bound
}
