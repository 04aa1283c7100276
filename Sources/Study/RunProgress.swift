import Errors
import Records

/// The name of a training in progress lines and errors: `sort, seed 42`.
package struct RunName: Hashable, Sendable, CustomStringConvertible {
  package var task: String
  package var seed: Int
  /// The experiment that the training is for, if it is not the main study.
  package var experiment: String?

  package init(task: String, seed: Int, experiment: String? = nil) {
    self.task = task
    self.seed = seed
    self.experiment = experiment
  }

  package var description: String { "\(task), seed \(seed)" + (experiment.map { ", \($0)" } ?? "") }
}

/// What a run reports while it is working.
package enum RunProgress: Sendable {
  /// The number of models that will train side by side. `rates` lists the numbers tried, with the steps per
  /// second of all models together.
  case ensembleChosen(Int, rates: [(models: Int, stepsPerSecond: Double)])
  /// These trainings now run side by side, from this step on.
  case trainingStarted([RunName], step: Int)
  /// Other trainings have finished, and everything that follows from them is done; these continue.
  case trainingGoesOn([RunName], step: Int)
  /// A step, the last step, and the mean loss over the models since the last report.
  case step(Int, of: Int, loss: Double)
  /// What was measured of the models that train side by side, after this step.
  case measured([RunRecord.Training.Accuracy], step: Int)
  /// The model is ready; `before` says that it was already there.
  case trained(RunName, RunRecord.Training?, before: Bool)
  /// The training cannot continue; the others do.
  case failed(FailedRun)
  /// The run to which the following phases belong.
  case runStarted(task: String, seed: Int)
  case runSkipped(task: String, seed: Int)
  case phase(String)
  /// So many parts of the phase are done, some of which were kept from an earlier run.
  case part(Int, of: Int, kept: Int)
  case runFinished(RunRecord)
  /// Something that a reader of the progress should know.
  case note(String)
}

/// Receives progress reports, and can ask a run to stop between two steps.
package struct Supervisor: Sendable {
  package var report: @Sendable (RunProgress) -> Void
  package var shouldStop: @Sendable () -> Bool

  package init(
    report: @escaping @Sendable (RunProgress) -> Void = { _ in },
    shouldStop: @escaping @Sendable () -> Bool = { false }
  ) {
    self.report = report
    self.shouldStop = shouldStop
  }

  /// The same without reports.
  var silent: Supervisor { Supervisor(shouldStop: shouldStop) }

  func checkStop() throws {
    if shouldStop() { throw StudyError.interrupted }
  }
}

extension RunRecord {
  /// `3 heroes, 1 bloat`
  package var classCounts: String {
    "\(heroes.count) hero\(heroes.count == 1 ? "" : "es"), \(counted(bloats.count, "bloat"))"
  }
}
