/// A waterfall chart from the published rho to the rigorous one. Each bar spans the mean change of one step;
/// whiskers show the interval of the mean rho after the step.
func decompositionFigure(_ task: RigorousSummary.TaskFindings) -> Figure? {
  let steps = task.decomposition.steps.compactMap { step in
    step.rho.mean.map { (step: step, mean: $0) }
  }
  guard !steps.isEmpty else { return nil }
  var before: Double?
  var marks: [Figure.Mark] = [.rule(0), .rule(1)]
  for (place, (step, mean)) in steps.enumerated() {
    let style = before.map { mean >= $0 ? Figure.Style.series(0) : .series(1) } ?? .quiet
    let label =
      "\(Words.step(step.step)): \(NumberText.interval(step.rho, digits: 3)), n \(step.rho.count)"
    marks.append(.bar(at: Double(place), from: before ?? 0, to: mean, width: 0.6, style, label: label))
    if let interval = step.rho.interval { marks.append(.interval(interval, at: Double(place), .ink)) }
    marks.append(.point(.init(x: Double(place), y: mean), Figure.Style.ink.of(step.rho), label: label))
    before = mean
  }
  return Figure(
    name: "decomposition-\(task.task)",
    title: "From the published rho to the rigorous one, \(Words.task(task.task, seeds: task.seeds.count))",
    description:
      "Mean rho over seeds after each change of the measurement; every step keeps the earlier ones. Bars span the change, whiskers are "
      + "95 % confidence intervals of the mean; arrows mark ends beyond the frame. \(Figure.Style.hollowMeaning)",
    panels: [
      .init(
        x: .names("change of the measurement", steps.map { Words.step($0.step.step) }),
        y: .init(
          label: "mean rho",
          range: Figure.Axis.range(of: steps.map(\.mean), including: [0, 1], margin: 0.15) ?? 0...1),
        marks: marks)
    ],
    legend: [
      .init(name: "as published", style: .quiet), .init(name: "raises rho", style: .series(0)),
      .init(name: "lowers rho", style: .series(1)),
    ])
}
