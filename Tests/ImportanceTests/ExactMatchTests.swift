import CPUDevice
import Compute
import Importance
import Tasks
import Testing
import Transformer

@Suite("Exact match without decoding") struct ExactMatchTests {
  private static func interventions(_ means: ComponentMeans) throws -> [(String, Intervention)] {
    let ablated: [(String, Component)] = [
      ("head", .head(layer: 0, head: 2)), ("MLP", .mlp(layer: 1)), ("last head", .head(layer: 1, head: 0)),
    ]
    let single = try ablated.flatMap { name, component in
      try [InterventionMethod.mean, .zero, .published].map { method in
        ("\(name) \(method)", try method.intervention(on: [component], means: means))
      }
    }
    let several: [Component] = [.head(layer: 0, head: 0), .head(layer: 1, head: 1), .mlp(layer: 0)]
    return [("none", .none)] + single
      + [("several", try InterventionMethod.mean.intervention(on: several, means: means))]
  }

  @Test("of a trained model equals greedy decoding for every sample and intervention")
  func trained() throws {
    let model = try Examples.trainedModel(on: CPUDevice(threads: 2))
    let means = try ComponentMeans(model, batches: [Examples.sequences(40, 1...2, seed: 103)])
    let samples = Examples.samples(40, 1...2, seed: 104)
    let named = try Self.interventions(means)
    let interventions = named.map(\.1)
    let lanes = named.map { _ in Lane(sequences: BatchLayout.evaluationBatch(samples)) }
    // A small row limit cuts lanes in the middle.
    let matches = try model.exactMatches(lanes, under: interventions, rowLimit: 61)
    #expect(try model.exactMatches(lanes, under: interventions) == matches)
    for ((name, intervention), matches) in zip(named, matches) {
      let decoded = try samples.map { sample in
        try model.greedyDecode(
          prompt: sample.prompt, count: sample.target.count, intervention: intervention)
          == sample.target
      }
      #expect(matches == decoded, "\(name)")
    }
    let right = matches[0].count { $0 }
    #expect(right >= 4 && right <= 36, "\(right) of 40 right: the test wants some of both")
    #expect(Set(matches).count > 1, "no intervention changes anything")
    let accuracies = try model.accuracies(lanes, under: interventions)
    #expect(accuracies == matches.map { Double($0.count { $0 }) / 40 })
  }

  @Test("of a random model is right for its own decoding, and wrong if one target token differs")
  func random() throws {
    let model = try Examples.randomModel(seed: 105, on: CPUDevice(threads: 2))
    let means = try ComponentMeans(model, batches: [Examples.sequences(30, 2...5, seed: 106)])
    for (name, intervention) in try Self.interventions(means) {
      var sequences: [TokenSequence] = []
      var expected: [Bool] = []
      for (i, sample) in Examples.samples(9, 1...4, seed: 107).enumerated() {
        var target = try model.greedyDecode(
          prompt: sample.prompt, count: sample.target.count, intervention: intervention)
        // Every third sample has one wrong token: the first, one in the middle, or the last.
        if i % 3 == 1 {
          let place = [0, target.count / 2, target.count - 1][i / 3]
          target[place] = (target[place] + 1) % 104
        }
        sequences.append(TokenSequence(prompt: sample.prompt, target: target))
        expected.append(i % 3 != 1)
      }
      let matches = try model.exactMatches([Lane(sequences: sequences)], under: [intervention])
      #expect(matches == [expected], "\(name)")
    }
  }

  @Test("without samples gives an empty result and an accuracy of 0")
  func empty() throws {
    let model = try Examples.randomModel(seed: 108, on: CPUDevice(threads: 1))
    let lanes = [[], Examples.sequences(3, 2...2, seed: 1), []].map { Lane(sequences: $0) }
    #expect(try model.exactMatches(lanes).map(\.count) == [0, 3, 0])
    #expect(try model.accuracies(lanes)[0] == 0)
    #expect(throws: ModelError.self) { try model.exactMatches(lanes, under: [.none]) }
    #expect(try model.exactMatches([]).isEmpty)
  }
}
