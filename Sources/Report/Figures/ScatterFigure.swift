import Records

/// Gradient rank against causal rank for every component, a panel for each seed, the first twelve of many.
func scatterFigure(_ task: TaskSummary, _ runs: [RunRecord]) -> Figure? {
  let all = runs.filter { $0.task == task.task && $0.components.count > 1 }
  let shown = all.prefix(12)
  guard let first = shown.first else { return nil }
  let last = Double(first.components.count)
  let panels = shown.map { run in
    Figure.Panel(
      title:
        "seed \(run.seed)\(run.ood.inWindow ? "" : "*"), rho \(NumberText.fixed(run.rho, digits: 2))",
      x: .init(label: "causal rank", range: 0...(last + 1)),
      y: .init(label: "gradient rank", range: 0...(last + 1)),
      marks: [.line([.init(x: 0, y: 0), .init(x: last + 1, y: last + 1)], .quiet)]
        + run.components.map { component in
          .point(
            .init(x: component.causalRank, y: component.gradientRank),
            Figure.Style.of(component.componentClass),
            label:
              "\(component.name): gradient rank \(LinearScale.text(component.gradientRank)), causal rank \(LinearScale.text(component.causalRank))",
            component: component.name)
        }, height: 110)
  }
  return Figure(
    name: "scatter-\(task.task)",
    title: "Gradient rank against causal rank, \(Words.task(task.task, seeds: all.count))",
    description:
      "One mark for each component, one panel for each seed\(all.count > shown.count ? ", the first \(shown.count) of \(all.count)" : ""); rank 1 is the "
      + "smallest score. On the line both ranks agree. Heroes lie below it, bloats above.\(shown.allSatisfy(\.ood.inWindow) ? "" : " *: accuracy outside the paper's window.")",
    panels: Array(panels), columns: min(3, panels.count),
    legend: [
      .init(name: "hero", style: .of(ComponentClass.hero)),
      .init(name: "bloat", style: .of(ComponentClass.bloat)),
      .init(name: "neither", style: .of(ComponentClass.neutral)),
    ])
}

extension Figure.Style {
  static func of(_ kind: ComponentClass) -> Figure.Style {
    switch kind {
    case .hero: Figure.Style(colour: .series(0), shape: .triangle)
    case .bloat: Figure.Style(colour: .series(1), shape: .square)
    case .neutral: Figure.Style(colour: .quiet, isHollow: true)
    }
  }
}
