import Foundation
import Study
import Synchronization

/// Shows the progress of a run or a study on the error stream: on a terminal a bar with the place in the study, step, loss, steps/s
/// and the remaining time, in a pipe plain lines.
final class ProgressDisplay: Sendable {
  private struct State {
    var title = ""
    /// The phase of a run that is measured, and when it began.
    var phase = (name: "", begin: Date())
    var firstStep = 0
    var begin = Date()
    var throttle = Throttle()
    /// The step and the models of the last accuracies that were shown.
    var measured = (step: -1, title: "")
    /// nil for a single run.
    var study: StudyProgress?
    var hasForecast = false
  }

  private let state: Mutex<State>
  private let begin = ContinuousClock.now
  /// The number of steps between plain lines.
  private let plainInterval = 500

  /// - Parameter study: the study that the runs belong to; nil for a run alone.
  init(_ study: StudyProgress? = nil) {
    var state = State()
    if let study, study.runs > 1 { state.study = study }
    self.state = Mutex(state)
  }

  func show(_ progress: RunProgress) {
    state.withLock { state in
      state.study?.note(progress, at: (ContinuousClock.now - begin) / .seconds(1))
      switch progress {
      case .ensembleChosen(let models, let rates):
        let tried = rates.map { "\($0.models): \(String(format: "%.1f", $0.stepsPerSecond))" }
        say("\(models) models side by side (steps/s by models: \(tried.joined(separator: ", ")))")
      case .trainingStarted(let names, let step):
        train(names, after: step, &state)
        if names.count > 1 {
          say("\(state.study.map { "\($0.place), " } ?? "")side by side: \(listed(names))")
        } else if let study = state.study {
          say("\(study.place): \(state.title)")
        }
        if step > 0 { say("\(state.title): continues after step \(step)") }
      case .trainingGoesOn(let names, let step):
        train(names, after: step, &state)
      case .step(let step, let total, let loss):
        if !state.hasForecast, let forecast = state.study?.forecast {
          say(forecast)
          state.hasForecast = true
        }
        draw(step, total, loss, &state)
      case .measured(let measurements, let step):
        let losses = measurements.compactMap(\.heldOutLoss)
        let heldOut = losses.isEmpty ? "" : "held-out loss \(range(losses, digits: 4)), "
        // The last accuracy of a training on a task is measured after it, on other samples.
        let again =
          losses.isEmpty && state.measured == (step, state.title) ? " on other samples, at the end" : ""
        say("\(state.title): step \(step), \(heldOut)accuracy \(range(measurements.map(\.accuracy)))\(again)")
        state.measured = (step, state.title)
      case .trained(let name, let training, let before):
        let steps = training.map { ", \($0.steps) steps" } ?? ""
        let end = training?.converged == false ? ", not converged" : ""
        say("\(name): \(before ? "already " : "")trained\(steps)\(end)")
        if let training { explain("\(name): training took \(secondsText(training.seconds))") }
      case .failed(let run):
        say("\(run)")
      case .runStarted(let task, let seed):
        state.title = "\(RunName(task: task, seed: seed))"
      case .runSkipped(let task, let seed):
        say("\(RunName(task: task, seed: seed)): already finished, kept")
      case .note(let text):
        say("note: \(text)")
      case .part(let done, let count, let kept):
        // Time counts from the first part that was not kept from an earlier run.
        if done == kept { state.phase.begin = Date() }
        if Console.drawsBars {
          let left = left(done - kept, count - done, state.phase.begin)
          let line = "\(state.title): \(state.phase.name), part \(done + 1) of \(count)\(left)"
          Console.bar(String(line.prefix(Console.columns - 1)))
        }
      case .phase(let name):
        state.phase = (name, Date())
        say("\(state.title): \(name)")
        if let study = state.study, Console.drawsBars {
          let line = ProgressLine.Study(study).line(
            "\(state.title): \(name)", fittedTo: Console.columns - 1)
          Console.bar(line)
        }
      case .runFinished(let record):
        let rho = record.rho.map { String(format: "%.3f", $0) } ?? "none"
        say(
          "\(state.title): done, OOD length \(record.ood.length), rho \(rho), "
            + "\(record.classCounts)\(state.study?.afterRun ?? "")")
        let times = record.timings.sorted { $0.value > $1.value }.map { "\($0.key) \(secondsText($0.value))" }
        explain("\(state.title): \(times.joined(separator: ", "))")
      }
    }
  }

  /// `, about 14:31 left`, once a part is done.
  private func left(_ done: Int, _ parts: Int, _ begin: Date) -> String {
    guard done > 0 else { return "" }
    let each = Date().timeIntervalSince(begin) / Double(done)
    return ", \(ProgressLine.leftText(each * Double(parts)))"
  }

  private func train(_ names: [RunName], after step: Int, _ state: inout State) {
    state.title = names.count == 1 ? "\(names[0])" : "\(names.count) models"
    state.firstStep = step
    state.begin = Date()
  }

  /// One number, or the range of several.
  private func range(_ numbers: [Double], digits: Int = 2) -> String {
    func text(_ number: Double) -> String { String(format: "%.\(digits)f", number) }
    guard let low = numbers.min(), let high = numbers.max() else { return "" }
    return numbers.count == 1 ? text(low) : "\(text(low)) to \(text(high))"
  }

  /// Names of trainings, grouped by what they are for: `sort, seeds 42 123; sort, Table 6, seeds 42 123`.
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

  private func draw(_ step: Int, _ total: Int, _ loss: Double, _ state: inout State) {
    let seconds = Date().timeIntervalSince(state.begin)
    let progress = ProgressLine(
      title: state.title, step: step, total: total, loss: loss,
      stepsPerSecond: seconds > 0 ? Double(step - state.firstStep) / seconds : 0,
      study: state.study.map(ProgressLine.Study.init))
    if Console.drawsBars {
      guard state.throttle.isDue() || step == total else { return }
      Console.bar(progress.fitted(to: Console.columns - 1))
    } else if step % plainInterval == 0 || step == total {
      say("\(state.title): \(progress.text)")
    }
  }

  var supervisor: Supervisor {
    Supervisor(report: { self.show($0) }, shouldStop: { Interruption.isRequested })
  }
}

extension StudyProgress {
  /// What a line about a finished run adds: `; 3 of 20 runs done, about 14:31 left`.
  fileprivate var afterRun: String {
    "; \(done) of \(runs) runs done"
      + (done < runs ? secondsLeft.map { ", \(ProgressLine.leftText($0))" } ?? "" : "")
  }
}
