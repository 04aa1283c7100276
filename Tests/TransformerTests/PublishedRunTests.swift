import CPUDevice
import Compute
import RandomStreams
import Tasks
import TestModels
import Testing
import Transformer

/// The first steps of runs of a protocol, computed by PyTorch.
private struct Run: Decodable {
  struct Summary: Decodable {
    var shape: [Int]
    var sum: Double
    var sumOfSquares: Double
    var first: [Double]
    var last: [Double]
  }
  /// By `task/seed`, and `task/seed/float64`.
  var losses: [String: [Double]]
  /// By seed: batches of samples of integers.
  var batches: [String: [[[Int]]]]
  /// By `seed/tensor`.
  var parameters: [String: Summary]
}

/// The fixture of a protocol, with the settings needed to repeat its runs.
enum FixedProtocol: String, CaseIterable, Sendable {
  case published, paper

  var file: String { "\(rawValue)_losses.json" }
  var layout: BatchLayout { self == .published ? .published : .packed }
  var configuration: ModelConfiguration {
    ModelConfiguration(positions: self == .published ? .none : .learned)
  }
}

@Suite("Runs begin like those of the published program") struct PublishedRunTests {
  @Test("with the same initial parameters", arguments: FixedProtocol.allCases)
  func parameters(fixture: FixedProtocol) throws {
    let run: Run = try Fixtures.json(fixture.file)
    let seeds = Set(run.parameters.keys.compactMap { $0.split(separator: "/").first })
    #expect(seeds == (fixture == .published ? ["42", "456"] : ["42"]))
    let layout = ParameterLayout(fixture.configuration)
    for seed in seeds {
      var stream = MersenneTwister(seed: try #require(UInt32(seed)))
      let parameters = layout.initialParameters(from: &stream)
      #expect(run.parameters.count == seeds.count * layout.namedTensors.count)
      for tensor in layout.namedTensors {
        let expected = try #require(run.parameters["\(seed)/\(tensor.name)"])
        let values = tensor.extract(from: parameters).map(Double.init)
        #expect(tensor.shape == expected.shape, "\(tensor.name)")
        for (ours, theirs) in [(values.prefix(4), expected.first), (values.suffix(4), expected.last)] {
          let largest = zip(ours, theirs).map { abs($0 - $1) }.max() ?? .nan
          #expect(largest <= 1e-6, "\(tensor.name)")
        }
        // Σ|x| is at most √(n·Σx²).
        let size = (Double(values.count) * expected.sumOfSquares).squareRoot()
        #expect(abs(values.reduce(0, +) - expected.sum) <= 1e-6 * size, "\(tensor.name)")
        let squares = values.reduce(0) { $0 + $1 * $1 }
        #expect(abs(squares - expected.sumOfSquares) <= 1e-6 * expected.sumOfSquares, "\(tensor.name)")
      }
    }
  }

  @Test("with the same first three batches, integer by integer", arguments: FixedProtocol.allCases)
  func batches(fixture: FixedProtocol) throws {
    let run: Run = try Fixtures.json(fixture.file)
    for (seed, batches) in run.batches {
      #expect(batches.count == 3)
      var stream = MersenneTwister(seed: try #require(UInt32(seed)))
      for batch in batches {
        let samples = IntegerTask.sort.samples(64, length: 3...7, from: &stream)
        #expect(samples.map(\.integers) == batch)
      }
    }
  }

  @Test(
    "with the same first hundred losses of each run",
    arguments: [IntegerTask.sort, .reverse].map(\.name), [42, 456])
  func publishedLosses(task: String, seed: Int) throws {
    try follow(.published, task, seed, steps: 100)
  }

  @Test("with the same first twenty losses under the protocol of the paper's text")
  func paperLosses() throws {
    try follow(.paper, "sort", 42, steps: 20)
  }

  private func follow(_ fixture: FixedProtocol, _ name: String, _ seed: Int, steps: Int) throws {
    let run: Run = try Fixtures.json(fixture.file)
    let expected = try #require(run.losses["\(name)/\(seed)/float64"])
    try #require(expected.count == steps)
    let (task, configuration) = (try TaskCatalogue.task(named: name), fixture.configuration)
    var parameterStream = MersenneTwister(seed: UInt32(seed))
    var dataStream = MersenneTwister(seed: UInt32(seed))
    let device = try CPUDevice(threads: 2)
    let model = try Transformer(
      configuration, parameters: [ParameterLayout(configuration).initialParameters(from: &parameterStream)],
      on: device)
    let optimiser = try AdamOptimiser(model)
    for (step, loss) in expected.enumerated() {
      let samples = task.samples(64, length: 3...7, from: &dataStream)
      let batch = try Batch(fixture.layout.sequences(samples), for: configuration, on: device)
      try model.computeGradients(batch)
      let error = abs(Double(try model.readLosses(slots: 0..<1)[0]) - loss) / loss
      // Rounding grows from step to step, until training is chaotic.
      #expect(error <= (step < 20 ? 2e-6 : 1e-3), "step \(step)")
      try optimiser.update(model)
    }
  }
}
