import Records

/// Accuracy on the training lengths against training steps: a curve for each seed, a panel for each task.
func trainingFigure(_ summary: Summary, _ runs: [RunRecord]) -> Figure? {
  let panels = summary.tasks.compactMap { task -> Figure.Panel? in
    let curves = runs.filter { $0.task == task.task }.compactMap { run in
      run.training.map { (seed: run.seed, training: $0) }
    }.filter { !$0.training.accuracies.isEmpty }
    guard let last = curves.flatMap(\.training.accuracies).map(\.step).max(), last > 0 else { return nil }
    let marks = curves.flatMap { curve -> [Figure.Mark] in
      let style = Figure.Style.training(hasConverged: curve.training.converged)
      let points = curve.training.accuracies.map { Figure.Point(x: Double($0.step), y: $0.accuracy) }
      return [.line(points, style)]
        + points.suffix(1).map {
          .point(
            $0, style,
            label:
              "seed \(curve.seed): \(curve.training.steps) steps, accuracy \(NumberText.fixed($0.y, digits: 2))"
          )
        }
    }
    return Figure.Panel(
      title: Words.task(task.task, seeds: curves.count),
      x: .init(label: "training steps", range: 0...(Double(last) * 1.03)),
      y: .init(label: "exact-match accuracy (share)", range: 0...1.04), marks: marks, height: 140)
  }
  guard !panels.isEmpty else { return nil }
  return Figure(
    name: "training", title: "Accuracy on the training lengths during training",
    description:
      "One curve for each seed; it ends where training ended, because the goal or the largest number of steps was reached.",
    panels: panels, columns: 2, legend: Figure.Series.training)
}

extension Figure.Style {
  /// The curve of a training.
  static func training(hasConverged: Bool) -> Figure.Style {
    hasConverged ? .series(0) : Figure.Style(colour: .series(1), isDashed: true)
  }
}

extension Figure.Series {
  static let training = [
    Figure.Series(name: "converged", style: .training(hasConverged: true)),
    Figure.Series(name: "not converged", style: .training(hasConverged: false)),
  ]
}
