import RandomStreams
import Testing

@Suite("Initial parameters drawn like PyTorch's")
struct PublishedInitialisationTests {
  @Test("uniform values equal PyTorch's, bit for bit")
  func uniform() throws {
    for fixture in try Fixtures.torch() {
      var stream = MersenneTwister(seed: fixture.seed)
      #expect(fixture.uniform.map { _ in stream.uniform() } == fixture.uniform)
    }
  }

  @Test("values between bounds equal PyTorch's, bit for bit")
  func bounded() throws {
    for fixture in try Fixtures.torch() {
      for expected in fixture.uniformBounds {
        var stream = MersenneTwister(seed: fixture.seed)
        let values = stream.uniform(count: expected.values.count, bound: Float(expected.bound))
        #expect(values == expected.values, "bound \(expected.bound)")
      }
    }
  }

  @Test("a linear layer's weight and then its bias equal PyTorch's, bit for bit")
  func linear() throws {
    for fixture in try Fixtures.torch() {
      var stream = MersenneTwister(seed: fixture.seed)
      let bound = Float(1 / 128.0.squareRoot())
      let weight = stream.uniform(count: 512 * 128, bound: bound)
      let bias = stream.uniform(count: 512, bound: bound)
      #expect(Array(weight.prefix(32)) == fixture.linear.weightHead)
      #expect(Array(weight.suffix(32)) == fixture.linear.weightTail)
      #expect(abs(weight.reduce(0) { $0 + Double($1) } - fixture.linear.weightSum) <= 1e-9)
      #expect(bias == fixture.linear.bias)
      #expect(fixture.linear.after.map { _ in stream.uniform() } == fixture.linear.after)
    }
  }

  @Test("1 to 100 normal values equal PyTorch's, and so does the value after them")
  func normal() throws {
    for fixture in try Fixtures.torch() {
      for expected in fixture.normal {
        var stream = MersenneTwister(seed: fixture.seed)
        let values = stream.normal(count: expected.values.count)
        #expect(largestDifference(values, expected.values) <= 5e-7, "\(expected.values.count) values")
        #expect(stream.uniform() == expected.after, "\(expected.values.count) values")
      }
    }
  }

  @Test("the spare value of a small draw is kept for the next small draw, past a large one")
  func normalChain() throws {
    for fixture in try Fixtures.torch() {
      var stream = MersenneTwister(seed: fixture.seed)
      for expected in fixture.normalChain {
        #expect(largestDifference(stream.normal(count: expected.count), expected) <= 5e-7)
      }
    }
  }

  @Test("an embedding table equals PyTorch's within 5e-7, and the stream after it is exact")
  func embedding() throws {
    for fixture in try Fixtures.torch() {
      var stream = MersenneTwister(seed: fixture.seed)
      let table = stream.normal(count: 104 * 128)
      let expected = fixture.embedding
      #expect(largestDifference(Array(table.prefix(64)), expected.head) <= 5e-7)
      let spots = expected.spots.map { table[$0.position] }
      #expect(largestDifference(spots, expected.spots.map(\.value)) <= 5e-7)
      #expect(abs(table.reduce(0) { $0 + Double($1) } - expected.sum) <= 1e-3)
      let squares = table.reduce(0) { $0 + Double($1) * Double($1) }
      #expect(abs(squares - expected.sumOfSquares) <= 1e-2)
      #expect(expected.after.map { _ in stream.uniform() } == expected.after)
    }
  }

  @Test("a draw of no values leaves the stream unchanged")
  func empty() {
    var stream = MersenneTwister(seed: 1)
    let before = stream
    #expect(stream.normal(count: 0).isEmpty)
    #expect(stream.uniform(count: 0, bound: 1).isEmpty)
    #expect(stream == before)
  }
}
