import Errors
import Records

/// How far a study is, and how long the rest of it takes, from the rates that were measured so far.
///
/// It is a value that is told of every report and of the time at which it came:
/// ```swift
/// var progress = StudyProgress(plans, in: folder)
/// progress.note(report, at: secondsSinceTheBegin)
/// print(progress.place)         // run 3 of 20
/// ```
package struct StudyProgress: Sendable {
  /// A run that is not done.
  private struct OpenRun {
    /// Trainings that have not ended.
    var trainings: Int
    var maxSteps: Int
    var hasFailed = false
  }

  /// The number of runs, with those that were done before.
  package let runs: Int
  private var open: [RunName: OpenRun]
  private var skipped = 0
  /// The trainings that run side by side now, and their last step.
  private var active: [RunName] = []
  private var step = 0
  /// When the last step was taken; nil where something else was done since.
  private var stepTime: Double?
  private var isAnalysing = false
  private var analysisBegin = 0.0
  private var now = 0.0
  /// Steps of single models, and the seconds that they took.
  private var taken = (steps: 0.0, seconds: 0.0)
  /// Trainings that have ended, and their steps.
  private var ended = (trainings: 0, steps: 0)
  /// Runs that were measured, and the seconds that this took.
  private var measured = (runs: 0, seconds: 0.0)

  package init(_ plans: [RunPlan], in folder: StudyFolder) {
    self.init(
      plans.map {
        let run = StudyRun($0, in: folder)
        return (run.name, run.trainingCount, $0.maxSteps)
      })
  }

  init(_ runs: [(name: RunName, trainings: Int, maxSteps: Int)]) {
    self.runs = runs.count
    open = Dictionary(
      uniqueKeysWithValues: runs.map { ($0.name, OpenRun(trainings: $0.trainings, maxSteps: $0.maxSteps)) })
  }

  /// - Parameter time: in seconds, since the study began.
  package mutating func note(_ progress: RunProgress, at time: Double) {
    now = time
    switch progress {
    case .runSkipped(let task, let seed):
      open[RunName(task: task, seed: seed)] = nil
      skipped += 1
    case .trainingStarted(let names, let step), .trainingGoesOn(let names, let step):
      (active, self.step, stepTime, isAnalysing) = (names, step, time, false)
    case .step(let step, _, _):
      if let stepTime {
        taken.steps += Double(active.count * (step - self.step))
        taken.seconds += time - stepTime
      }
      (self.step, stepTime) = (step, time)
    case .trained(let name, let training, let before):
      if !before, let training {
        ended.trainings += 1
        ended.steps += training.steps
      }
      end(name)
    case .failed(let run):
      open[run.name.run]?.hasFailed = true
      end(run.name)
    case .runStarted: (isAnalysing, analysisBegin, stepTime) = (true, time, nil)
    case .runFinished(let record):
      isAnalysing = false
      measured.runs += 1
      measured.seconds += time - analysisBegin
      open[RunName(task: record.task, seed: record.seed)] = nil
    case .ensembleChosen, .measured, .phase, .part, .note: break
    }
  }

  private mutating func end(_ training: RunName) {
    active.removeAll { $0 == training }
    let name = training.run
    open[name]?.trainings -= 1
    if let run = open[name], run.hasFailed, run.trainings == 0 { open[name] = nil }
  }

  /// Runs that need no more work: they have their records, or have failed.
  package var done: Int { runs - open.count }

  /// `run 3 of 20`, or `runs 3-10 of 20` where several train side by side.
  package var place: String {
    let first = min(runs, done + 1)
    let last = isAnalysing ? first : max(first, done + Set(active.map(\.run)).count)
    return first == last ? "run \(first) of \(runs)" : "runs \(first)-\(last) of \(runs)"
  }

  /// Seconds that the trainings which are left take, at the speed of those before; nil before a step was timed.
  package var trainingSecondsLeft: Double? {
    let stepsLeft = stepsLeft
    guard stepsLeft > 0 else { return 0 }
    return taken.seconds > 0 && taken.steps > 0 ? stepsLeft * taken.seconds / taken.steps : nil
  }

  /// What a study of several runs says of its length before a run has been measured: `training takes at most 3:14:31 for
  /// all 20 runs, if every one takes all its steps; measuring the models comes on top`.
  ///
  /// It is nil for a study of less than a minute, before the first hundred steps, and once a training has ended.
  package var forecast: String? {
    guard runs > 1, step >= Self.firstSteps, ended.trainings == 0, measured.runs == 0,
      let seconds = trainingSecondsLeft, seconds >= Self.shortest
    else { return nil }
    return "training takes at most \(ProgressLine.clock(seconds)) for \(counted(open.count, "run")), "
      + "if every one takes all its steps; measuring the models comes on top"
  }

  /// The steps after which a training's speed is known, and the seconds for which a forecast is not worth a line.
  private static let (firstSteps, shortest) = (100, 60.0)

  /// Seconds until all runs are done; nil before enough was measured.
  package var secondsLeft: Double? {
    guard let training = trainingSecondsLeft, open.isEmpty || measured.runs > 0 else { return nil }
    let each = measured.runs > 0 ? measured.seconds / Double(measured.runs) : 0
    let underWay = isAnalysing ? min(each, now - analysisBegin) : 0
    return training + each * Double(open.values.count { !$0.hasFailed }) - underWay
  }

  /// The share of the study that is done, from 0 to 1; that of time, as far as the rest is known.
  package var share: Double {
    guard runs > skipped else { return 1 }
    let own: Double =
      if let secondsLeft, now + secondsLeft > 0 { now / (now + secondsLeft) } else {
        Double(done - skipped) / Double(runs - skipped)
      }
    return (Double(skipped) + own * Double(runs - skipped)) / Double(runs)
  }

  /// Steps of single models that are still to be taken. Trainings end early when they converge: they are expected to take as many
  /// steps as those that have ended, and all that they may before one has.
  private var stepsLeft: Double {
    let usual = ended.trainings > 0 ? Double(ended.steps) / Double(ended.trainings) : nil
    let going = active.reduce(0.0) { sum, name in
      guard let run = open[name.run] else { return sum }
      let most = Double(run.maxSteps)
      let expected = usual.map { $0 > Double(step) ? $0 : most } ?? most
      return sum + max(0, expected - Double(step))
    }
    return open.reduce(going) { sum, run in
      let waiting = run.value.trainings - active.count { $0.run == run.key }
      return sum + Double(waiting) * (usual ?? Double(run.value.maxSteps))
    }
  }
}

extension RunName {
  /// The name of the run that the training is for.
  fileprivate var run: RunName { RunName(task: task, seed: seed) }
}
