import Records

/// What a run tells while it goes on.
public enum RunProgress: Sendable {
  case runStarted(task: String, seed: Int)
  case runSkipped(task: String, seed: Int)
  case resumed(step: Int)
  /// Losses are those of the steps since the last report.
  case step(Int, of: Int, loss: Double)
  case accuracy(Double, step: Int)
  case phase(String)
  case runFinished(RunRecord)
}

/// Who is told, and who can ask a run to stop between two steps.
public struct Supervisor: Sendable {
  public var report: @Sendable (RunProgress) -> Void
  public var shouldStop: @Sendable () -> Bool

  public init(
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
