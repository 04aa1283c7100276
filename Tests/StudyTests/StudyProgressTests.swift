import Foundation
import Records
import TestSupport
import Testing

@testable import Study

@Suite("The progress of a study")
struct StudyProgressTests {
  private func name(_ seed: Int) -> RunName { RunName(task: "sort", seed: seed) }

  /// Runs of one training of at most 100 steps.
  private func study(_ count: Int) -> StudyProgress {
    StudyProgress((1...count).map { (name($0), trainings: 1, maxSteps: 100) })
  }

  private func training(_ steps: Int) -> RunRecord.Training {
    .init(steps: steps, converged: true, accuracies: [], finalLoss: 1, seconds: 1)
  }

  private func record(_ seed: Int) throws -> RunRecord {
    RunRecord(
      task: "sort", seed: seed, protocolName: "published", configuration: .init(maxSteps: 100, quick: false),
      device: .init(selector: "cpu", name: "a processor", kind: "cpu"), versions: [:], training: nil,
      ood: .init(length: 9, accuracy: 0.5, inWindow: true, searched: []), components: [],
      causalMeasure: "published", rho: nil, rhoReason: nil, measures: [:], heroes: [], bloats: [],
      pruning: nil, table6: nil)
  }

  @Test("counts runs, those of before and failed ones included, and names those that train side by side")
  func places() throws {
    var study = study(5)
    #expect(study.place == "run 1 of 5" && study.share == 0)
    study.note(.runSkipped(task: "sort", seed: 4), at: 0)
    study.note(.trainingStarted([1, 2, 3].map(name), step: 0), at: 0)
    #expect(study.place == "runs 2-4 of 5" && study.done == 1 && study.share == 0.2)
    study.note(.step(10, of: 100, loss: 1), at: 1)
    study.note(.failed(FailedRun(name: name(2), reason: "it diverged")), at: 1)
    #expect(study.place == "runs 3-4 of 5")
    study.note(.trained(name(1), training(10), before: false), at: 1)
    study.note(.runStarted(task: "sort", seed: 1), at: 1)
    #expect(study.place == "run 3 of 5")
    study.note(.runFinished(try record(1)), at: 2)
    study.note(.trainingGoesOn([name(3)], step: 10), at: 2)
    #expect(study.place == "run 4 of 5" && study.done == 3)
    for seed in [3, 5] {
      study.note(.trained(name(seed), training(10), before: seed == 5), at: 3)
      study.note(.runFinished(try record(seed)), at: 3)
    }
    #expect(study.place == "run 5 of 5" && study.done == 5 && study.secondsLeft == 0 && study.share == 1)
  }

  @Test("expects of the rest the speed, the steps and the time of measurements that were seen")
  func secondsLeft() throws {
    var study = study(3)
    study.note(.trainingStarted([name(1)], step: 0), at: 0)
    study.note(.step(20, of: 100, loss: 1), at: 4)
    // Nothing is known of the measurements yet.
    #expect(study.secondsLeft == nil)
    study.note(.step(50, of: 100, loss: 1), at: 10)
    study.note(.trained(name(1), training(50), before: false), at: 10)
    study.note(.runStarted(task: "sort", seed: 1), at: 10)
    study.note(.runFinished(try record(1)), at: 17)
    // Two more trainings of 50 steps at 5 a second, and two measurements of 7 seconds.
    #expect(study.secondsLeft == 34)
    #expect(abs(study.share - 17.0 / 51) < 1e-12)
    study.note(.trainingStarted([name(2)], step: 0), at: 17)
    study.note(.step(25, of: 100, loss: 1), at: 22)
    #expect(study.secondsLeft == 29)
    // One that takes longer than the others may take all its steps.
    study.note(.step(60, of: 100, loss: 1), at: 29)
    #expect(abs(try #require(study.secondsLeft) - (8 + 10 + 14)) < 1e-9)
    study.note(.trained(name(2), training(70), before: false), at: 31)
    study.note(.runStarted(task: "sort", seed: 2), at: 31)
    study.note(.phase("pruning"), at: 34)
    // 60 steps on average; the measurement goes on for four more seconds.
    #expect(abs(try #require(study.secondsLeft) - (12 + 14 - 3)) < 1e-9)
  }

  @Test("says what all trainings may take before the first has ended, once a hundred steps were timed")
  func forecast() throws {
    var study = StudyProgress((1...20).map { (name($0), trainings: 2, maxSteps: 15_000) })
    study.note(.runSkipped(task: "sort", seed: 20), at: 0)
    study.note(.trainingStarted([name(1)], step: 0), at: 1)
    study.note(.step(90, of: 15_000, loss: 1), at: 10)
    #expect(study.forecast == nil && study.secondsLeft == nil)
    study.note(.step(200, of: 15_000, loss: 1), at: 21)
    // 19 runs of 2 trainings, of which 200 steps are taken, at 10 steps a second.
    #expect(study.trainingSecondsLeft == 56_980)
    #expect(
      study.forecast
        == "training takes at most 15:49:40 for 19 runs, if every one takes all its steps; measuring the models comes on top"
    )
    study.note(.trained(name(1), training(300), before: false), at: 31)
    #expect(study.forecast == nil)
    // A minute at least, and several runs.
    var short = StudyProgress((1...3).map { (name($0), trainings: 1, maxSteps: 200) })
    short.note(.trainingStarted([name(1)], step: 0), at: 0)
    short.note(.step(100, of: 200, loss: 1), at: 10)
    #expect(short.trainingSecondsLeft == 50 && short.forecast == nil)
    short.note(.step(110, of: 200, loss: 1), at: 20)
    #expect(short.forecast != nil)
    var single = StudyProgress([(name(1), trainings: 1, maxSteps: 15_000)])
    single.note(.trainingStarted([name(1)], step: 0), at: 0)
    single.note(.step(100, of: 15_000, loss: 1), at: 10)
    #expect(single.forecast == nil)
  }

  @Test("heroes and bloats are counted in words that agree with their number")
  func classes() throws {
    var record = try record(1)
    #expect(record.classCounts == "0 heroes, 0 bloats")
    (record.heroes, record.bloats) = (["L0_H1"], ["L0_H0"])
    #expect(record.classCounts == "1 hero, 1 bloat")
  }

  @Test("counts the steps of all models that train side by side, and not the time between trainings")
  func sideBySide() throws {
    var study = study(4)
    study.note(.trainingStarted([name(1), name(2)], step: 0), at: 0)
    study.note(.step(50, of: 100, loss: 1), at: 10)
    for seed in [1, 2] {
      study.note(.trained(name(seed), training(50), before: false), at: 10)
      study.note(.runStarted(task: "sort", seed: seed), at: 10)
      study.note(.runFinished(try record(seed)), at: 11)
    }
    study.note(.trainingStarted([name(3), name(4)], step: 0), at: 100)
    // 100 steps of single models at 10 a second, and two measurements of a second.
    #expect(study.secondsLeft == 12)
  }
}
