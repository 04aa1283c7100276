import CPUDevice
import Importance
import RandomStreams
import Tasks
import Testing
import Transformer

@Suite("Causal samples") struct CausalSamplesTests {
  @Test("each have a donor of equal lengths, and each sample is a donor once")
  func donors() throws {
    let samples = try Examples.causalSamples(211, 3...9, seed: 141, task: .sortUnique)
    #expect(samples.count > 180)
    #expect(samples.donorIndices.sorted() == samples.pairIndices)
    #expect(zip(samples.pairIndices, samples.donorIndices).allSatisfy { $0 != $1 })
    for i in 0..<samples.count {
      #expect(samples.donors[i].count == samples.sequences[i].tokens.count)
      #expect(samples.corrupted[i].count == samples.sequences[i].tokens.count)
      #expect(samples.foils[i].count == samples.sequences[i].tokens.count)
      let separator = samples.sequences[i].tokens.firstIndex(of: Vocabulary.separator)
      #expect(samples.donors[i].firstIndex(of: Vocabulary.separator) == separator)
    }
    let part = samples[5..<9]
    #expect(part.sequences == Array(samples.sequences[5..<9]) && part.donors == Array(samples.donors[5..<9]))
  }

  @Test("without another sample of the same lengths are left out")
  func alone() {
    var stream = CounterStream(seed: 142, purpose: .extra)
    let problems = [[3, 4], [7, 8, 9], [5, 6], [1, 2, 3, 4]]
    let pairs = problems.map { problem in
      CorruptedPair(
        clean: IntegerTask.copy.sample(of: problem),
        corrupted: IntegerTask.copy.sample(of: [50] + problem.dropFirst()))
    }
    let samples = CausalSamples(pairs, from: &stream)
    #expect(samples.pairIndices == [0, 2] && samples.donorIndices == [2, 0])
    #expect(samples.corrupted[0] == [101, 50, 4, 102, 3, 4])
  }

  @Test("are permuted by derangements that are all equally likely")
  func derangements() {
    var stream = CounterStream(seed: 143, purpose: .resample)
    var seen: [[Int]: Int] = [:]
    for _ in 0..<9000 { seen[derangement(4, from: &stream), default: 0] += 1 }
    #expect(seen.count == 9)
    for (order, count) in seen {
      #expect(order.sorted() == [0, 1, 2, 3] && !order.enumerated().contains { $0 == $1 })
      // Four standard deviations of 1,000 ± 30.
      #expect(abs(count - 1000) < 120, "\(order): \(count)")
    }
    #expect(derangement(2, from: &stream) == [1, 0] && derangement(0, from: &stream).isEmpty)
    let long = derangement(999, from: &stream)
    #expect(long.sorted() == Array(0..<999) && !long.enumerated().contains { $0 == $1 })
  }

  @Test("with equal clean and corrupted inputs show no effect under noising or denoising")
  func identical() throws {
    let model = try Examples.randomModel(seed: 144, on: CPUDevice(threads: 2))
    let pairs = Examples.samples(13, 2...4, seed: 145).map { CorruptedPair(clean: $0, corrupted: $0) }
    var stream = CounterStream(seed: 146, purpose: .resample)
    let evaluation = CausalEvaluation(model, CausalSamples(pairs, from: &stream))
    let components = Component.all(of: model.configuration)
    let sets = components.map { [$0] } + [components, Array(components.prefix(3))]
    let effects = try evaluation.effects(of: sets, [.noising, .denoising, .resample])
    let zero = Outcomes(repeating: 0, count: evaluation.samples.count)
    for method in [InterventionMethod.noising, .denoising] {
      #expect(try #require(effects[method]).effects.allSatisfy { $0 == zero }, "\(method)")
    }
    #expect(try #require(effects[.resample]).effects.allSatisfy { $0 != zero })
  }
}
