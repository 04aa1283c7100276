import Errors
import Foundation
import Sweep

/// Shows a sweep on the error stream: on a terminal one line drawn again in its place, in a pipe a line where something
/// has changed, and one a minute.
final class SweepDisplay {
  private var shown = ""
  private var last = Date.distantPast

  func show(_ progress: SweepProgress) {
    if Console.drawsBars {
      Console.bar(String(line(progress, withWorkers: true).prefix(Console.columns - 1)))
      return
    }
    let text = progress.text
    guard text != shown || Date().timeIntervalSince(last) > 60 else { return }
    (shown, last) = (text, Date())
    say(line(progress, withWorkers: false))
  }

  private func line(_ progress: SweepProgress, withWorkers: Bool) -> String {
    var parts = ["\(counted(progress.runs, "run")): \(progress.text)"]
    if let rate = progress.runsPerHour { parts.append(String(format: "%.1f an hour", rate)) }
    if let left = progress.secondsLeft { parts.append("about \(Self.clock(left)) left") }
    if withWorkers {
      parts += progress.workers.map { worker in
        let step = worker.step.map { " \($0)" + (worker.total.map { "/\($0)" } ?? "") } ?? ""
        return "[\(worker.device): \(worker.title ?? "starting")\(step)]"
      }
    }
    return parts.joined(separator: "  ")
  }

  static func clock(_ seconds: Double) -> String {
    let minutes = Int(min(max(seconds, 0), 1e9) / 60)
    if minutes < 1 { return "a minute" }
    if minutes < 120 { return "\(minutes) min" }
    return minutes < 2880 ? "\(minutes / 60) h \(minutes % 60) min" : "\(minutes / 1440) days"
  }
}
