import Foundation

/// The progress of a training as one line of a terminal: where in the study it is, its name, a bar, steps, loss, speed and
/// remaining time.
///
/// If the line is too narrow, the bar shrinks first. Then parts are removed in this order: the speed, the
/// bar, the loss, the name in a study of several runs, the remaining time, the place in the study.
package struct ProgressLine: Equatable, Sendable {
  package var title: String
  package var step: Int
  package var total: Int
  package var loss: Double
  package var stepsPerSecond: Double
  /// The study that the training is part of.
  package var study: Study?

  /// How far a study of several runs is.
  package struct Study: Equatable, Sendable {
    /// `run 3 of 20`
    var place: String
    /// From 0 to 1; the bar shows it.
    var share: Double
    /// Seconds until all runs are done.
    var secondsLeft: Double?
    /// Seconds that all trainings which are left take at most; what is known before a run has been measured.
    var trainingSecondsLeft: Double?

    package init(_ progress: StudyProgress) {
      self.init(
        place: progress.place, share: progress.share, secondsLeft: progress.secondsLeft,
        trainingSecondsLeft: progress.trainingSecondsLeft)
    }

    init(place: String, share: Double, secondsLeft: Double?, trainingSecondsLeft: Double? = nil) {
      (self.place, self.share) = (place, share)
      (self.secondsLeft, self.trainingSecondsLeft) = (secondsLeft, trainingSecondsLeft)
    }
  }

  package init(
    title: String, step: Int, total: Int, loss: Double, stepsPerSecond: Double, study: Study? = nil
  ) {
    self.title = title
    self.step = step
    self.total = total
    self.loss = loss
    self.stepsPerSecond = stepsPerSecond
    self.study = study
  }

  /// The progress without its title, such as `step 1200/15000  loss 0.0312  17.0 steps/s  at most 14:31
  /// left`.
  package var text: String { Self.join([stepText, lossText, rateText, timeText]) }

  /// The line with at most `columns` characters.
  package func fitted(to columns: Int) -> String {
    let place = study.map { [$0.place] } ?? []
    let share = study?.share ?? (total > 0 ? Double(step) / Double(total) : 0)
    for parts in [[stepText, lossText, rateText, timeText], [stepText, lossText, timeText]] {
      let line = Self.line(place + [title], share, parts, columns)
      if let line { return line }
    }
    let named = place + [title]
    let shorter =
      [named + [stepText, lossText, timeText], named + [stepText, timeText]]
      + (study == nil ? [] : [place + [stepText, timeText]]) + [named + [stepText], place + [stepText]]
    return shorter.map(Self.join).first { $0.count <= columns } ?? String(stepText.prefix(max(0, columns)))
  }

  private var stepText: String { "step \(step)/\(total)" }
  private var lossText: String { String(format: "loss %.4f", loss) }
  private var rateText: String { String(format: "%.1f steps/s", stepsPerSecond) }

  /// What is left of the study, as far as that is known: of all of it, or of its trainings. Without either, what is left of
  /// the training alone.
  private var timeText: String {
    if let left = study?.secondsLeft { return Self.leftText(left) }
    if let left = study?.trainingSecondsLeft { return "all training at most \(Self.clock(left))" }
    let left = stepsPerSecond > 0 ? Double(total - step) / stepsPerSecond : 0
    return "\(study == nil ? "" : "training ")at most \(Self.clock(left)) left"
  }

  /// `about 14:31 left`
  package static func leftText(_ seconds: Double) -> String { "about \(clock(seconds)) left" }

  /// `14:31`, `3:14:31`
  static func clock(_ left: Double) -> String {
    let seconds = Int(min(max(left, 0), 1e7))
    return seconds >= 3600
      ? String(format: "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60)
      : String(format: "%d:%02d", seconds / 60, seconds % 60)
  }
}

extension ProgressLine {
  private static let widestBar = 24
  private static let narrowestBar = 8

  /// A line with a bar between two groups of parts; nil where there is no room for one.
  static func line(_ before: [String], _ share: Double, _ after: [String], _ columns: Int) -> String? {
    // The bar has two spaces on each side.
    let width = min(widestBar, columns - join(before).count - join(after).count - 4)
    guard width >= narrowestBar else { return nil }
    return join(before + [bar(share, width)] + after)
  }

  private static func bar(_ share: Double, _ width: Int) -> String {
    let filled = share.isFinite ? min(width, max(0, Int(share * Double(width)))) : 0
    return String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
  }

  private static func join(_ parts: [String]) -> String { parts.joined(separator: "  ") }
}

extension ProgressLine.Study {
  /// A line of at most `columns` characters for a phase that has no steps: `run 3 of 20  ███░░░  sort, seed 42: pruning  about 14:31
  /// left`.
  package func line(_ phase: String, fittedTo columns: Int) -> String {
    let time = secondsLeft.map { [ProgressLine.leftText($0)] } ?? []
    let lines = [[phase] + time, [phase], time]
    for parts in lines {
      if let line = ProgressLine.line([place], share, parts, columns) { return line }
    }
    let plain = lines.map { ([place] + $0).joined(separator: "  ") }
    return plain.first { $0.count <= columns } ?? String(place.prefix(max(0, columns)))
  }
}
