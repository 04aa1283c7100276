import CPUDevice
import Compute
import Importance
import Tasks
import Testing
import Transformer

@Suite("Exact match without decoding") struct ExactMatchTests {
  private static var interventions: [(String, Intervention)] {
    let ablated: [(String, Component)] = [
      ("head", .head(layer: 0, head: 2)), ("MLP", .mlp(layer: 1)), ("last head", .head(layer: 1, head: 0)),
    ]
    let single = ablated.flatMap { name, component -> [(String, Intervention)] in
      [
        ("\(name) mean", Intervention(component, .mean)), ("\(name) zero", Intervention(component, .zero)),
        ("\(name) published", Intervention(component, .published)),
      ]
    }
    let several: [Component] = [.head(layer: 0, head: 0), .head(layer: 1, head: 1), .mlp(layer: 0)]
    return [("none", .none)] + single + [("several", Intervention(several, .mean))]
  }

  @Test("on a trained model is plain greedy decoding, sample by sample, under every intervention")
  func trained() throws {
    let model = try Examples.trainedModel(on: CPUDevice(threads: 2))
    let means = try ComponentMeans(model, batches: [Examples.sequences(40, 1...2, seed: 103)])
    let samples = Examples.samples(40, 1...2, seed: 104)
    let jobs = Self.interventions.map { EvaluationJob(BatchLayout.evaluationBatch(samples), $0.1) }
    // Few rows at a time, so that jobs are cut in the middle.
    let matches = try model.exactMatches(jobs, means: means, rowLimit: 61)
    #expect(try model.exactMatches(jobs, means: means) == matches)
    for ((name, intervention), matches) in zip(Self.interventions, matches) {
      let decoded = try samples.map { sample in
        try model.greedyDecode(
          prompt: sample.prompt, count: sample.target.count, intervention: intervention, means: means)
          == sample.target
      }
      #expect(matches == decoded, "\(name)")
    }
    let right = matches[0].count { $0 }
    #expect(right >= 4 && right <= 36, "\(right) of 40 right: the test wants some of both")
    #expect(Set(matches).count > 1, "no intervention changes anything")
    let accuracies = try model.accuracies(jobs, means: means)
    #expect(accuracies == matches.map { Double($0.count { $0 }) / 40 })
  }

  @Test("on a random model, of targets that are its own decoding, and of others one token away")
  func random() throws {
    let model = try Examples.randomModel(seed: 105, on: CPUDevice(threads: 2))
    let means = try ComponentMeans(model, batches: [Examples.sequences(30, 2...5, seed: 106)])
    for (name, intervention) in Self.interventions {
      var sequences: [TokenSequence] = []
      var expected: [Bool] = []
      for (i, sample) in Examples.samples(9, 1...4, seed: 107).enumerated() {
        var target = try model.greedyDecode(
          prompt: sample.prompt, count: sample.target.count, intervention: intervention, means: means)
        // Every third sample wrong in one place: its first token, one in the middle, its last.
        if i % 3 == 1 {
          let place = [0, target.count / 2, target.count - 1][i / 3]
          target[place] = (target[place] + 1) % 104
        }
        sequences.append(TokenSequence(prompt: sample.prompt, target: target))
        expected.append(i % 3 != 1)
      }
      let matches = try model.exactMatches([EvaluationJob(sequences, intervention)], means: means)
      #expect(matches == [expected], "\(name)")
    }
  }

  @Test("of no samples is nothing, and scores 0")
  func empty() throws {
    let model = try Examples.randomModel(seed: 108, on: CPUDevice(threads: 1))
    let jobs = [EvaluationJob([]), EvaluationJob(Examples.sequences(3, 2...2, seed: 1)), EvaluationJob([])]
    #expect(try model.exactMatches(jobs).map(\.count) == [0, 3, 0])
    #expect(try model.accuracies(jobs)[0] == 0)
    #expect(try model.exactMatches([]).isEmpty)
  }
}
