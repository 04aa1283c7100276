import CPUDevice
import Compute
import Foundation
import Importance
import RandomStreams
import Tasks
import Testing
import Transformer

@Suite("Causal effects") struct CausalEffectTests {
  @Test("of a trained model are paired differences, positive if a component helps, for every effect")
  func signs() throws {
    let model = try Examples.trainedModel(on: CPUDevice(threads: 2))
    let samples = try Examples.causalSamples(60, 2...2, seed: 151)
    let means = try ComponentMeans(model, batches: [Examples.sequences(60, 2...2, seed: 152)])
    var evaluation = CausalEvaluation(model, samples, means: means)
    evaluation.measuresDivergence = true
    let all = Component.all(of: model.configuration)
    let effects = try evaluation.effects(of: [all, []], InterventionMethod.allCases)
    let outcomes = try evaluation.outcomes(
      [[], all].flatMap { set in
        try [InterventionMethod.mean, .denoising].map { try evaluation.intervention(on: set, $0) }
      })
    let mean = try #require(effects[.mean])
    let denoising = try #require(effects[.denoising])
    #expect(mean.base == outcomes[0] && denoising.base == outcomes[1])
    #expect(mean.effects[0] == outcomes[0] - outcomes[2])
    #expect(denoising.effects[0] == outcomes[3] - outcomes[1])
    for method in InterventionMethod.allCases where method != .published {
      let found = try #require(effects[method])
      for effect in Effect.allCases where effect != .exactMatch || !method.restores {
        #expect(found.effects[0].mean(effect) > 0, "\(method) \(effect)")
      }
      #expect(found.effects[1] == Outcomes(repeating: 0, count: samples.count))
    }
    // The clean run predicts the clean target, and the corrupted run does so less.
    #expect(outcomes[0].mean(.logitDifference) > outcomes[1].mean(.logitDifference))
    let half = outcomes[0].at([3, 3, 59])
    #expect(half.logProbability == [3, 3, 59].map { outcomes[0].logProbability[$0] })
  }

  @Test("have names for files")
  func names() throws {
    #expect(
      Effect.allCases.map(\.rawValue) == [
        "exact_match", "token_accuracy", "log_probability", "logit_difference", "kl_divergence", "perplexity",
      ])
    #expect(Effect.ofTasks == Array(Effect.allCases.prefix(4)), "the records of studies have these")
    #expect(
      InterventionMethod.allCases.map(\.rawValue) == [
        "mean", "zero", "published", "resample", "noising", "denoising",
      ])
  }

  @Test("of pairs and sets equal those of joint interventions, and interactions subtract the single effects")
  func joint() throws {
    let model = try Examples.randomModel(seed: 153, on: CPUDevice(threads: 2))
    let samples = try Examples.causalSamples(9, 2...3, seed: 154)
    let means = try ComponentMeans(model, batches: [Examples.sequences(9, 2...3, seed: 155)])
    let evaluation = CausalEvaluation(model, samples, means: means)
    let components = Component.all(of: model.configuration)
    func effects(_ sets: [[Component]], _ method: InterventionMethod = .mean) throws -> SetEffects {
      try #require(try evaluation.effects(of: sets, [method])[method])
    }
    let singles = try effects(components.map { [$0] })
    let pairs = try JointEffects(singles: singles, joint: effects(JointEffects.pairs(of: components)))
    #expect(pairs.sets.count == 28 && Set(pairs.sets).count == 28)
    let joint = try JointEffects(
      singles: singles, joint: effects([components, [components[4], components[1]]]))
    let pair = try #require(pairs.sets.firstIndex(of: [components[1], components[4]]))
    #expect(joint.joint[1] == pairs.joint[pair])
    #expect(throws: ImportanceError.self) {
      try JointEffects(singles: singles, joint: effects([components], .zero))
    }
    #expect(throws: ImportanceError.self) {
      try JointEffects(singles: effects([[components[0]]]), joint: effects([components]))
    }
    for set in [pair, 0] {
      let members = pairs.sets[set]
      func outcomes(_ components: [Component]) throws -> Outcomes {
        Outcomes(
          try model.plainScores(samples, evaluation.intervention(on: components, .mean)))
      }
      let (clean, both) = (try outcomes([]), try outcomes(members))
      let (one, other) = (try outcomes([members[0]]), try outcomes([members[1]]))
      for effect in Effect.allCases {
        let expected = (0..<samples.count).map { i -> Double in
          let base = clean[effect][i]
          let (alone, beside) = (base - one[effect][i], base - other[effect][i])
          return base - both[effect][i] - (alone + beside)
        }
        let found = pairs.interaction(ofSet: set)[effect]
        #expect(zip(found, expected).allSatisfy { abs($0 - $1) <= 1e-12 }, "\(members.map(\.name)) \(effect)")
      }
    }
  }
}
