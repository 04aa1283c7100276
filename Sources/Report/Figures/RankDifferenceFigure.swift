import Records

private let componentsAtEnd = 20

/// The paper's Figure 2: each component's gradient rank minus its causal rank, averaged over seeds, the most undervalued first; with the
/// place that the component has in the paper's figure. Of many components it has those at either end.
func rankDifferenceFigure(_ task: TaskSummary, _ runs: [RunRecord], _ paper: PaperTables) -> Figure? {
  guard task.order.count > 1 else { return nil }
  let papers = paper.order[PaperTables.name(ofTask: task.task)] ?? []
  let counted = runs.filter { $0.task == task.task && $0.ood.inWindow && $0.rho != nil }
  let seeds = counted.count <= 20 ? counted : []
  let isWhole = task.order.count <= 2 * componentsAtEnd
  let order = isWhole ? task.order : task.order.prefix(componentsAtEnd) + task.order.suffix(componentsAtEnd)
  var marks: [Figure.Mark] = [.rule(0)]
  for (place, bar) in order.enumerated() {
    let x = Double(isWhole || place < componentsAtEnd ? place : place + 1)
    let label = "\(bar.name): \(NumberText.fixed(bar.mean, digits: 2)) ranks, n \(bar.count)"
    marks.append(
      .bar(
        at: x, from: 0, to: bar.mean, width: 0.7, bar.mean < 0 ? .series(0) : .series(1), label: label,
        component: bar.name))
    for (number, run) in seeds.enumerated() {
      guard let component = run.components.first(where: { $0.name == bar.name }) else { continue }
      let offset = seeds.count > 1 ? 0.5 * Double(number) / Double(seeds.count - 1) - 0.25 : 0
      marks.append(
        .point(
          .init(x: x + offset, y: component.delta), .seed,
          label: "\(bar.name), seed \(run.seed): \(NumberText.fixed(component.delta, digits: 1))",
          component: bar.name))
    }
  }
  let shown = Set(order.map(\.name))
  var names = order.map { bar in
    papers.firstIndex(of: bar.name).map { "\(bar.name) (\($0 + 1))" } ?? bar.name
  }
  if !isWhole { names.insert("…", at: componentsAtEnd) }
  let values = seeds.flatMap(\.components).filter { shown.contains($0.name) }.map(\.delta) + order.map(\.mean)
  guard let range = Figure.Axis.range(of: values, including: [0]) else { return nil }
  return Figure(
    name: "rank-difference-\(task.task)",
    title: "Gradient rank minus causal rank, \(Words.task(task.task, seeds: task.order.first?.count ?? 0))",
    description: (isWhole ? "" : "The \(componentsAtEnd) components at either end of \(task.order.count). ")
      + "Mean over the counted seeds. Below 0 the gradient undervalues a component (a hero if far below), above 0 it overvalues it (a bloat)."
      + (seeds.isEmpty ? "" : " Small circles are seeds.")
      + (papers.isEmpty ? "" : " In parentheses: the component's place in the paper's Figure 2."),
    panels: [
      .init(
        x: .names(
          papers.isEmpty ? "component" : "component (its place in the paper's order)",
          names, isTurned: true),
        y: .init(label: "difference of ranks", range: range), marks: marks)
    ],
    legend: [
      .init(name: "undervalued by the gradient", style: .series(0)),
      .init(name: "overvalued by the gradient", style: .series(1)),
    ])
}
