import Foundation
import Records
import Report
import Study
import Synchronization

/// The page of a study while it runs: written after finished runs, but so rarely that it takes at most a tenth of the time.
final class LivePage: Sendable {
  private struct State {
    var page: Page?
    /// When the page may be written again.
    var next = Date.distantPast
  }

  private let folder: StudyFolder
  private let state = Mutex(State())

  init(_ folder: StudyFolder) { self.folder = folder }

  /// Does what `other` does, and writes the page when a run has finished.
  func supervisor(_ other: Supervisor) -> Supervisor {
    Supervisor(
      report: { progress in
        other.report(progress)
        if case .runFinished = progress { self.update() }
      }, shouldStop: other.shouldStop)
  }

  /// A page that cannot be made or written stops no study: the report at its end tells what is wrong.
  private func update() {
    let begin = Date()
    guard state.withLock({ $0.next <= begin }) else { return }
    guard let records = try? folder.readRecords(), let failures = try? folder.failures(),
      let summary = try? Summary(records, failures: failures),
      let page = try? StudyReport(
        summary, runs: records, losses: LossCurve.read(records, in: folder), isRunning: true
      ).page,
      (try? page.write(to: folder.report)) != nil
    else { return }
    let seconds = Date().timeIntervalSince(begin)
    state.withLock {
      $0.page = page
      $0.next = begin.addingTimeInterval(max(5, 10 * seconds))
    }
  }

  /// Says on the page that the study does not go on. A study that ends well writes its page anew instead.
  func stop() {
    guard var page = state.withLock({ $0.page }) else { return }
    page.isRunning = false
    try? page.write(to: folder.report)
  }
}
