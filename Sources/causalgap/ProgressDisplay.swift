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
      case .ensembleChosen(let models, let rates):
        let tried = rates.map { "\($0.models): \(String(format: "%.1f", $0.stepsPerSecond))" }
        line("\(models) models side by side (steps/s by models: \(tried.joined(separator: ", ")))", &state)
      case .trainingStarted(let names, let step):
        train(names, after: step, &state)
        if names.count > 1 { line("side by side: \(listed(names))", &state) }
        if step > 0 { line("\(state.title): continues after step \(step)", &state) }
      case .trainingGoesOn(let names, let step):
        train(names, after: step, &state)
      case .step(let step, let total, let loss):
        draw(step, total, loss, &state)
      case .accuracies(let accuracies, let step):
        line("\(state.title): step \(step), accuracy \(range(accuracies.map(\.accuracy)))", &state)
      case .trained(let name, let training, let before):
        let steps = training.map { ", \($0.steps) steps" } ?? ""
        let end = training?.converged == false ? ", not converged" : ""
        line("\(name): trained\(before ? " before" : "")\(steps)\(end)", &state)
      case .failed(let run):
        line("\(run)", &state)
      case .runStarted(let task, let seed):
        state.title = "\(RunName(task: task, seed: seed))"
      case .runSkipped(let task, let seed):
        line("\(RunName(task: task, seed: seed)): done before, kept", &state)
      case .phase(let name):
        line("\(state.title): \(name)", &state)
      case .runFinished(let record):
        let rho = record.rho.map { String(format: "%.3f", $0) } ?? "none"
        line(
          "\(state.title): done, OOD length \(record.ood.length), rho \(rho), "
            + "\(record.heroes.count) heroes, \(record.bloats.count) bloats", &state)
      }
    }
  }

  private func train(_ names: [RunName], after step: Int, _ state: inout State) {
    state.title = names.count == 1 ? "\(names[0])" : "\(names.count) models"
    state.firstStep = step
    state.begin = Date()
  }

  /// One accuracy, or the span of many.
  private func range(_ accuracies: [Double]) -> String {
    func text(_ accuracy: Double) -> String { String(format: "%.2f", accuracy) }
    guard let low = accuracies.min(), let high = accuracies.max() else { return "" }
    return accuracies.count == 1 ? text(low) : "\(text(low)) to \(text(high))"
  }

  /// Seeds by what they are trained for: `sort, seeds 42 123; sort, Table 6, seeds 42 123`.
  private func listed(_ names: [RunName]) -> String {
    var kinds: [(title: String, seeds: [String])] = []
    for name in names {
      let title = name.task + (name.experiment.map { ", \($0)" } ?? "")
      if let place = kinds.firstIndex(where: { $0.title == title }) {
        kinds[place].seeds.append("\(name.seed)")
      } else {
        kinds.append((title, ["\(name.seed)"]))
      }
    }
    return kinds.map { "\($0.title), seeds \($0.seeds.joined(separator: " "))" }.joined(separator: "; ")
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
