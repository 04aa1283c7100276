import Synchronization

/// How far a report is, for whoever waits for it. It changes nothing that comes out.
package final class ReportWork: Sendable {
  /// The steps of a report, in order.
  package enum Phase: String, Sendable {
    case reading = "reading records"
    case estimating = "estimating"
    case writing = "writing"
  }

  private struct State {
    var phase = Phase.reading
    var done = 0
    var total = 0
  }

  private let state = Mutex(State())
  private let observer: @Sendable (Phase, _ done: Int, _ total: Int) -> Void

  /// - Parameter observer: is called on any thread, often, with the units of the phase that are done and those known so far.
  package init(_ observer: @escaping @Sendable (Phase, _ done: Int, _ total: Int) -> Void = { _, _, _ in }) {
    self.observer = observer
  }

  /// Begins a phase with a number of units, or adds units to the phase that goes on.
  package func expect(_ units: Int, in phase: Phase) {
    change {
      if $0.phase != phase { $0 = State(phase: phase) }
      $0.total += units
    }
  }

  /// Counts units as done.
  package func finish(_ units: Int = 1) { change { $0.done += units } }

  private func change(_ body: (inout State) -> Void) {
    let now = state.withLock { state in
      body(&state)
      return state
    }
    observer(now.phase, now.done, now.total)
  }
}
