import ArgumentParser
import CLinux
import Devices
import Foundation
import Study
import Sweep
import Synchronization

/// One worker of a sweep, in a process that `sweep run` starts.
struct SweepWorkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "work", abstract: "One worker; 'sweep run' starts it.", shouldDisplay: false)

  @Argument var folder: String
  @Argument var order: String

  mutating func run() throws {
    Interruption.listen(patiently: true)
    let order: WorkerOrder
    do {
      order = try WorkerOrder(text: self.order)
    } catch {
      throw UsageError("'sweep work' is for 'sweep run' alone; use that")
    }
    // A worker without the process that watches it stops with its work kept.
    _ = signalWhenParentEnds(SIGTERM)
    guard getppid() == order.parent else { throw SweepError.interrupted }
    if let processors = order.processors { Processors(text: processors)?.hold() }
    let folder = SweepFolder(try path(folder, "the sweep's folder"))
    let plan = try folder.readPlan()
    let shard = try Shard(order.shard)
    let device = try DeviceFlags.make(DeviceSelection(order.device), threads: order.threads)
    let messages = WorkerMessages()
    let display = ProgressDisplay()
    let worker = SweepWorker(
      folder, plan, plan.runs.filter(shard.contains), on: device,
      keeping: Kept(rawValue: order.keep) ?? .models,
      failsFast: order.failFast, ensemble: try EnsembleSize(order.ensemble),
      checkpointing: ActivationCheckpointing(rawValue: order.checkpointing) ?? .auto, log: order.log,
      supervisor: Supervisor(
        report: {
          display.show($0)
          messages.note($0)
        }, shouldStop: { Interruption.isRequested }))
    do {
      _ = try worker.work()
    } catch StudyError.interrupted {
      throw SweepError.interrupted
    }
  }
}

/// Tells the process that watches this worker how it gets on.
private final class WorkerMessages: Sendable {
  private struct State {
    var message = WorkerMessage(title: "", done: 0, failed: 0)
    var last = ContinuousClock.now - .seconds(10)
  }

  private let state = Mutex(State())

  func note(_ progress: RunProgress) {
    state.withLock { state in
      var isUrgent = true
      switch progress {
      case .trainingStarted(let names, let step), .trainingGoesOn(let names, let step):
        state.message.title = names.count == 1 ? "\(names[0])" : "\(names.count) models"
        (state.message.step, state.message.total) = (step, nil)
      case .step(let step, let total, _):
        (state.message.step, state.message.total) = (step, total)
        isUrgent = false
      case .runStarted(let task, let seed):
        state.message.title = "\(RunName(task: task, seed: seed))"
        (state.message.step, state.message.total) = (nil, nil)
      case .phase(let name):
        state.message.title = state.message.title.split(separator: ":").prefix(1).joined() + ": \(name)"
        isUrgent = false
      case .runFinished: state.message.done += 1
      case .failed: state.message.failed += 1
      default: return
      }
      guard isUrgent || ContinuousClock.now - state.last > .seconds(1) else { return }
      state.last = .now
      guard let line = try? JSONEncoder().encode(state.message) else { return }
      try? FileHandle.standardOutput.write(contentsOf: line + Data("\n".utf8))
    }
  }
}
