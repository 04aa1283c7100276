import Foundation
import Study
import Synchronization

/// Shows a run's progress on the error stream: a bar with step, loss, steps/s and time left on a terminal, plain lines
/// in a pipe.
final class ProgressDisplay: Sendable {
  private struct State {
    var title = ""
    var firstStep = 0
    var begin = Date()
    var lastDrawn = Date.distantPast
    var isBarShown = false
  }

  private let state = Mutex(State())
  private let isTerminal = isatty(STDERR_FILENO) == 1
  /// Steps between plain lines.
  private let plainInterval = 500

  func show(_ progress: RunProgress) {
    state.withLock { state in
      switch progress {
      case .runStarted(let task, let seed):
        state.title = "\(task), seed \(seed)"
        state.firstStep = 0
        state.begin = Date()
      case .runSkipped(let task, let seed):
        line("\(task), seed \(seed): done before, kept", &state)
      case .resumed(let step):
        state.firstStep = step
        line("\(state.title): continues after step \(step)", &state)
      case .step(let step, let total, let loss):
        draw(step, total, loss, &state)
      case .accuracy(let accuracy, let step):
        line("\(state.title): step \(step), accuracy \(String(format: "%.2f", accuracy))", &state)
      case .phase(let name):
        if name.hasPrefix("Table 6: training") {
          state.firstStep = 0
          state.begin = Date()
        }
        line("\(state.title): \(name)", &state)
      case .runFinished(let record):
        let rho = record.rho.map { String(format: "%.3f", $0) } ?? "none"
        line(
          "\(state.title): done, OOD length \(record.ood.length), rho \(rho), "
            + "\(record.heroes.count) heroes, \(record.bloats.count) bloats", &state)
      }
    }
  }

  private func line(_ text: String, _ state: inout State) {
    write((state.isBarShown ? "\r\u{1B}[K" : "") + text + "\n")
    state.isBarShown = false
  }

  private func draw(_ step: Int, _ total: Int, _ loss: Double, _ state: inout State) {
    let seconds = Date().timeIntervalSince(state.begin)
    let rate = seconds > 0 ? Double(step - state.firstStep) / seconds : 0
    let left = rate > 0 ? Double(total - step) / rate : 0
    let text = String(
      format: "step %d/%d  loss %.4f  %.1f steps/s  at most %@ left", step, total, loss, rate, clock(left))
    if isTerminal {
      guard Date().timeIntervalSince(state.lastDrawn) > 0.1 || step == total else { return }
      state.lastDrawn = Date()
      let width = 24
      let filled = total > 0 ? width * step / total : 0
      let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
      write("\r\u{1B}[K\(state.title)  \(bar)  \(text)")
      state.isBarShown = true
    } else if step % plainInterval == 0 || step == total {
      line("\(state.title): \(text)", &state)
    }
  }

  private func clock(_ seconds: Double) -> String {
    let whole = Int(min(seconds, 1e7))
    return whole >= 3600
      ? String(format: "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
      : String(format: "%d:%02d", whole / 60, whole % 60)
  }

  private func write(_ text: String) { writeError(text) }

  var supervisor: Supervisor {
    Supervisor(report: { self.show($0) }, shouldStop: { Interruption.isRequested })
  }
}
