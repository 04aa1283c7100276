import Records

/// A training, as progress and errors name it: `sort, seed 42`.
package struct RunName: Hashable, Sendable, CustomStringConvertible {
  package var task: String
  package var seed: Int
  /// What it is trained for besides the main study.
  package var experiment: String?

  package init(task: String, seed: Int, experiment: String? = nil) {
    self.task = task
    self.seed = seed
    self.experiment = experiment
  }

  package var description: String { "\(task), seed \(seed)" + (experiment.map { ", \($0)" } ?? "") }
}

/// What a run tells while it goes on.
package enum RunProgress: Sendable {
  /// So many models are to be trained side by side: with `rates`, because these were the steps a second of all models
  /// together, by models tried.
  case ensembleChosen(Int, rates: [(models: Int, stepsPerSecond: Double)])
  /// These train side by side from here on, with so many steps behind them.
  case trainingStarted([RunName], step: Int)
  /// Others are over, and what followed from them is done; these go on.
  case trainingGoesOn([RunName], step: Int)
  /// Losses are those of the steps since the last report, the mean over the models.
  case step(Int, of: Int, loss: Double)
  case accuracies([(name: RunName, accuracy: Double)], step: Int)
  /// Its model is there, now or since an earlier time.
  case trained(RunName, RunRecord.Training?, before: Bool)
  /// Its training can't go on; others do.
  case failed(FailedRun)
  /// The run that phases are of from here on.
  case runStarted(task: String, seed: Int)
  case runSkipped(task: String, seed: Int)
  case phase(String)
  case runFinished(RunRecord)
}

/// Who is told, and who can ask a run to stop between two steps.
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

  func checkStop() throws {
    if shouldStop() { throw StudyError.interrupted }
  }
}
