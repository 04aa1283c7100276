import Foundation
import Testing

/// Values drawn by PyTorch and numpy; `Fixtures/make_fixtures.py` writes them.
enum Fixtures {
  static func torch() throws -> [TorchCase] { try load("torch.json") }
  static func numpy() throws -> [NumpyCase] { try load("numpy.json") }

  private static func load<Case: Decodable>(_ name: String) throws -> [Case] {
    let folder = try #require(Bundle.module.resourceURL)
    let data = try Data(contentsOf: folder.appendingPathComponent("Fixtures/\(name)"))
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode([Case].self, from: data)
  }
}

struct TorchCase: Decodable {
  struct Bounded: Decodable {
    var bound: Double
    var values: [Float]
  }
  struct Normal: Decodable {
    var values: [Float]
    var after: Float
  }
  struct Linear: Decodable {
    var weightHead: [Float]
    var weightTail: [Float]
    var weightSum: Double
    var bias: [Float]
    var after: [Float]
  }
  struct Spot: Decodable {
    var position: Int
    var value: Float
  }
  struct Embedding: Decodable {
    var head: [Float]
    var spots: [Spot]
    var sum: Double
    var sumOfSquares: Double
    var after: [Float]
  }
  var seed: UInt32
  var uniform: [Float]
  var uniformBounds: [Bounded]
  var normal: [Normal]
  var normalChain: [[Float]]
  var linear: Linear
  var embedding: Embedding
}

struct NumpyCase: Decodable {
  struct Integers: Decodable {
    var low: Int
    var high: Int
    var values: [Int]
    var after: UInt32
  }
  var seed: UInt32
  var ranges: [Integers]
  var batches: [[[Int]]]
  var after: UInt32
  var wordsHead: [UInt32]
  var wordsTail: [UInt32]
}

/// The largest difference between two arrays; infinite if one has NaN, or if their counts differ.
func largestDifference(_ left: [Float], _ right: [Float]) -> Float {
  guard left.count == right.count else { return .infinity }
  return zip(left, right).reduce(0) { largest, pair in
    let difference = abs(pair.0 - pair.1)
    return difference <= .greatestFiniteMagnitude ? max(largest, difference) : .infinity
  }
}
