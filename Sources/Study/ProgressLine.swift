import Foundation

/// The progress of a training as one line of a terminal: its name, a bar, steps, loss, speed and remaining
/// time.
///
/// If the line is too narrow, the bar shrinks first. Then parts are removed in this order: the speed, the
/// bar, the loss, the remaining time.
package struct ProgressLine: Equatable, Sendable {
  package var title: String
  package var step: Int
  package var total: Int
  package var loss: Double
  package var stepsPerSecond: Double

  package init(title: String, step: Int, total: Int, loss: Double, stepsPerSecond: Double) {
    self.title = title
    self.step = step
    self.total = total
    self.loss = loss
    self.stepsPerSecond = stepsPerSecond
  }

  /// The progress without its title, such as `step 1200/15000  loss 0.0312  17.0 steps/s  at most 14:31
  /// left`.
  package var text: String { join([stepText, lossText, rateText, timeText]) }

  /// The line with at most `columns` characters.
  package func fitted(to columns: Int) -> String {
    for parts in [[stepText, lossText, rateText, timeText], [stepText, lossText, timeText]] {
      // The bar has two spaces on each side.
      let width = min(Self.widestBar, columns - title.count - join(parts).count - 4)
      if width >= Self.narrowestBar { return join([title, bar(width)] + parts) }
    }
    let shorter = [
      [title, stepText, lossText, timeText], [title, stepText, timeText], [title, stepText], [stepText],
    ]
    return shorter.map(join).first { $0.count <= columns } ?? String(stepText.prefix(max(0, columns)))
  }

  private static let widestBar = 24
  private static let narrowestBar = 8

  private var stepText: String { "step \(step)/\(total)" }
  private var lossText: String { String(format: "loss %.4f", loss) }
  private var rateText: String { String(format: "%.1f steps/s", stepsPerSecond) }

  private var timeText: String {
    let left = stepsPerSecond > 0 ? Double(total - step) / stepsPerSecond : 0
    let seconds = Int(min(max(left, 0), 1e7))
    let clock =
      seconds >= 3600
      ? String(format: "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60)
      : String(format: "%d:%02d", seconds / 60, seconds % 60)
    return "at most \(clock) left"
  }

  private func bar(_ width: Int) -> String {
    let filled = total > 0 ? min(width, max(0, width * step / total)) : 0
    return String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
  }

  private func join(_ parts: [String]) -> String { parts.joined(separator: "  ") }
}
