import Foundation
import Report
import Synchronization

/// Shows on a terminal how far a report is, and knows how long its phases took.
final class ReportDisplay: Sendable {
  private struct State {
    var throttle = Throttle()
    var phases: [(phase: ReportWork.Phase, began: ContinuousClock.Instant)] = []
  }

  private let state = Mutex(State())

  /// What a report tells of its work.
  var work: ReportWork { ReportWork { self.show($0, $1, $2) } }

  private func show(_ phase: ReportWork.Phase, _ done: Int, _ total: Int) {
    let isDue = state.withLock { state in
      if state.phases.last?.phase != phase { state.phases.append((phase, .now)) }
      return Console.drawsBars && state.throttle.isDue()
    }
    if isDue { Console.bar("report: \(phase.rawValue), \(done) of \(total)") }
  }

  /// The phases until now with their times: `reading records 0.42 s, estimating 1.20 s`.
  var times: String {
    let phases = state.withLock { $0.phases }
    let ends = phases.dropFirst().map(\.began) + [.now]
    return zip(phases, ends).map { "\($0.phase.rawValue) \(secondsText(($1 - $0.began) / .seconds(1)))" }
      .joined(separator: ", ")
  }
}
