import Concurrency
import Records
import Statistics

/// The loss of one training, thinned for drawing: each point is the mean over as many steps in a row as the others.
package struct LossCurve: Sendable, Equatable {
  var task: String
  var seed: Int
  var hasConverged: Bool
  /// Steps, and mean cross-entropy in nats per target token.
  var points: [Figure.Point]

  /// A page with the logs of all of many runs would be too large, and reading them would take long.
  static let mostRuns = 50
  private static let mostPoints = 60

  /// - Parameter steps: the rows of the training's log.
  init(_ run: RunRecord, steps: [TrainingLog.Step]) {
    (task, seed, hasConverged) = (run.task, run.seed, run.training?.converged ?? false)
    let finite = steps.filter(\.loss.isFinite)
    let width = max(1, (finite.count + Self.mostPoints - 1) / Self.mostPoints)
    points = stride(from: 0, to: finite.count, by: width).compactMap { begin in
      let part = finite[begin..<min(begin + width, finite.count)]
      guard let loss = mean(part.map(\.loss)), let step = mean(part.map { Double($0.step) }) else {
        return nil
      }
      return Figure.Point(x: step, y: loss)
    }
  }

  /// The losses of the first runs of each task, from their logs in a study's folder. A run without a log that can be read is left out:
  /// no result depends on it.
  package static func read(_ runs: [RunRecord], in folder: StudyFolder) -> [LossCurve] {
    let chosen = Dictionary(grouping: runs, by: \.task).values.flatMap { own in
      own.sorted { $0.seed < $1.seed }.prefix(mostRuns)
    }.sorted { ($0.task, $0.seed) < ($1.task, $1.seed) }
    return concurrentMap(chosen) { run -> LossCurve? in
      guard let steps = try? TrainingLog.read(from: folder.trainingLog(task: run.task, seed: run.seed))
      else { return nil }
      return LossCurve(run, steps: steps)
    }.compactMap(\.self)
  }
}

/// Loss against training steps: a curve for each seed, a panel for each task.
func lossFigure(_ summary: Summary, _ curves: [LossCurve]) -> Figure? {
  let panels = summary.tasks.compactMap { task -> Figure.Panel? in
    let own = curves.filter { $0.task == task.task && !$0.points.isEmpty }
    guard let last = own.flatMap(\.points).map(\.x).max(), let highest = own.flatMap(\.points).map(\.y).max()
    else { return nil }
    let marks = own.flatMap { curve -> [Figure.Mark] in
      let style = Figure.Style.training(hasConverged: curve.hasConverged)
      return [.line(curve.points, style)]
        + curve.points.suffix(1).map {
          .point($0, style, label: "seed \(curve.seed): loss \(NumberText.fixed($0.y, digits: 4))")
        }
    }
    return Figure.Panel(
      title: Words.task(task.task, seeds: own.count),
      x: .init(label: "training steps", range: 0...(last * 1.03)),
      y: .init(label: "loss (nats per target token)", range: 0...(max(highest, 1e-9) * 1.04)), marks: marks,
      height: 140)
  }
  guard !panels.isEmpty else { return nil }
  let isCut = summary.tasks.contains { $0.seeds.count > LossCurve.mostRuns }
  return Figure(
    name: "loss", title: "Loss during training",
    description:
      "Mean cross-entropy of the training batches: one curve for each seed, each point a mean over steps in a row"
      + (isCut ? "; the first \(LossCurve.mostRuns) seeds of each task." : "."),
    panels: panels, columns: 2, legend: Figure.Series.training)
}
