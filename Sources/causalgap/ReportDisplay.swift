import Foundation
import Report
import Synchronization

/// Shows on a terminal how far a report is; elsewhere nothing.
final class ReportDisplay: Sendable {
  private let lastDrawn = Mutex(Date.distantPast)

  /// What a report tells of its work.
  var work: ReportWork {
    guard Console.drawsBars else { return ReportWork() }
    return ReportWork { self.show($0, $1, $2) }
  }

  private func show(_ phase: ReportWork.Phase, _ done: Int, _ total: Int) {
    let isDue = lastDrawn.withLock { last in
      let now = Date()
      guard now.timeIntervalSince(last) > 0.1 else { return false }
      last = now
      return true
    }
    if isDue { Console.bar("report: \(phase.rawValue), \(done) of \(total)") }
  }
}
