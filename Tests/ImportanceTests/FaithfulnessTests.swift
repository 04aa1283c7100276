import CPUDevice
import Importance
import Tasks
import Testing
import Transformer

@Suite("Faithfulness") struct FaithfulnessTests {
  @Test("is 0 without components and 1 with all; CPR and CMD are areas by the trapezoidal rule")
  func byHand() throws {
    let curve = FaithfulnessCurve(metric: [2, 4, 3, 7, 6])
    #expect(curve.faithfulness == [0, 0.5, 0.25, 1.25, 1])
    // (0/2 + 0.5 + 0.25 + 1.25 + 1/2)/4, and (1/2 + 0.5 + 0.75 + 0.25 + 0/2)/4.
    #expect(abs(try #require(curve.cpr) - 0.625) <= 1e-15)
    #expect(abs(try #require(curve.cmd) - 0.5) <= 1e-15)
    #expect(curve.reason == nil)
    // The faithfulness of a model that does worse than nothing.
    #expect(FaithfulnessCurve(metric: [-2, -4, -6]).faithfulness == [0, 0.5, 1])
  }

  @Test("has no value, but a reason, if the whole model is no better than none")
  func undefined() {
    for (metric, word) in [([3.0, 5, 3], "3.0"), ([], "nothing"), ([1, .nan, 2], "finite")] {
      let curve = FaithfulnessCurve(metric: metric)
      #expect(curve.faithfulness == nil && curve.cpr == nil && curve.cmd == nil)
      #expect(curve.reason?.contains(word) == true, "\(curve.reason ?? "none")")
    }
  }

  @Test("of several rankings is that of each ranking alone, with equal sets evaluated once")
  func rankings() throws {
    let model = try Examples.randomModel(seed: 171, on: CPUDevice(threads: 2))
    let samples = try Examples.causalSamples(11, 2...4, seed: 172)
    let means = try ComponentMeans(model, batches: [Examples.sequences(9, 2...3, seed: 173)])
    let evaluation = CausalEvaluation(model, samples, means: means)
    let all = Component.all(of: model.configuration)
    let rankings = [all, all.reversed(), Array(all[2...] + all[..<2]), [all[1], all[0]] + all[2...]]
    for method in [InterventionMethod.mean, .resample, .noising] {
      let found = try Faithfulness(evaluation, rankings, method)
      #expect(found.sets.setIndices.allSatisfy { $0.count == all.count + 1 })
      // The fourth ranking differs from the first only in its first set, and the third shares one set with
      // the second.
      #expect(zip(found.sets.setIndices[0], found.sets.setIndices[3]).count { $0 != $1 } == 1)
      #expect(found.outcomes.count == 3 * (all.count - 1) + 2 + 1 - 1)
      for (r, ranking) in rankings.enumerated() {
        let metric = try (0...all.count).map { kept in
          Outcomes(
            try model.plainScores(
              samples, evaluation.intervention(on: Array(ranking[kept...]), method))
          ).mean(.logProbability)
        }
        #expect(found.curve(ofRanking: r, .logProbability).metric == metric)
      }
      let resampled = found.curve(ofRanking: 1, .logitDifference, samples: [4, 4, 9])
      let whole = found.outcomes[found.sets.setIndices[1][all.count]].logitDifference
      #expect(resampled.metric.last == (whole[4] + whole[4] + whole[9]) / 3)
    }
  }

  @Test("refuses rankings of different components, and a method that leaves none out")
  func refused() throws {
    let model = try Examples.randomModel(seed: 174, on: CPUDevice(threads: 1))
    let evaluation = CausalEvaluation(model, try Examples.causalSamples(4, 2...2, seed: 175))
    let all = Component.all(of: model.configuration)
    for (rankings, method) in [
      ([all, Array(all.dropLast())], InterventionMethod.zero), ([[all[0], all[0]]], .zero),
      ([all], .denoising),
    ] {
      #expect(throws: ImportanceError.self) { try Faithfulness(evaluation, rankings, method) }
    }
    #expect {
      try Faithfulness(evaluation, [all], .mean)
    } throws: {
      if case ImportanceError.missingMeans = $0 { true } else { false }
    }
  }
}
