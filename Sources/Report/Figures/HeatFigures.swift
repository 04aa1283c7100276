import Records
import Statistics

/// The layer × head map: gradient rank minus causal rank of every component, averaged over the counted seeds.
func mapFigure(_ task: TaskSummary, _ runs: [RunRecord]) -> Figure? {
  guard let components = runs.first(where: { $0.task == task.task })?.components, !task.order.isEmpty else {
    return nil
  }
  let heads = Set(components.compactMap(\.head)).sorted()
  let layers = Set(components.map(\.layer)).sorted()
  let size = Double(max(components.count - 1, 1)) / 2
  let marks = components.compactMap { component -> Figure.Mark? in
    guard let bar = task.order.first(where: { $0.name == component.name }),
      let layer = layers.firstIndex(of: component.layer)
    else { return nil }
    let column = component.head.flatMap { heads.firstIndex(of: $0) } ?? heads.count
    return .cell(
      .init(x: Double(column), y: -Double(layer)), bar.mean / size,
      text: NumberText.fixed(bar.mean, digits: 1),
      label: "\(bar.name): \(NumberText.fixed(bar.mean, digits: 2)) ranks, n \(bar.count)",
      component: bar.name)
  }
  return Figure(
    name: "map-\(task.task)",
    title:
      "Gradient rank minus causal rank by place, \(Words.task(task.task, seeds: task.order.first?.count ?? 0))",
    description:
      "Mean over the counted seeds, in ranks. Blue and negative: the gradient undervalues the component; red and positive: it overvalues it.",
    panels: [
      .init(
        x: .names("component of the layer", heads.map { "head \($0)" } + ["MLP"]),
        y: .names("layer", layers.map(String.init), isReversed: true), marks: marks,
        height: 26 * Double(layers.count))
    ])
}

/// The mean rho of every gradient score with every intervention; a panel for each effect.
func matrixFigure(_ task: RigorousSummary.TaskFindings) -> Figure? {
  let rows = task.scores.rows.filter { $0.gradient.distribution == GradientKey.published.distribution }
  let scores = firstSeen(rows.map(\.gradient))
  let effects = firstSeen(rows.map(\.causal.effect))
  guard scores.count > 1 || effects.count > 1 else { return nil }
  let flips = task.scores.flips.filter { $0.kind == .sign }
  let panels = effects.map { effect in
    let methods = firstSeen(rows.filter { $0.causal.effect == effect }.map(\.causal.method))
    let marks = rows.compactMap { row -> Figure.Mark? in
      guard row.causal.effect == effect, let mean = row.rho.mean,
        let x = methods.firstIndex(of: row.causal.method),
        let y = scores.firstIndex(of: row.gradient)
      else { return nil }
      let isFlipped = flips.contains {
        $0.gradient == row.gradient && ($0.above == row.causal || $0.below == row.causal)
      }
      return .cell(
        .init(x: Double(x), y: -Double(y)), mean,
        text: NumberText.fixed(mean, digits: 2) + (isFlipped ? " ±" : ""),
        label:
          "\(Words.score(row.gradient)), \(Words.causal(row.causal)): \(NumberText.interval(row.rho, digits: 2)), n \(row.rho.count)",
        component: nil)
    }
    return Figure.Panel(
      title: "effect on \(Words.of(effect))",
      x: .names("", methods.map { Words.of($0).replacing(" ablation", with: "") }),
      y: .names("", scores.map { Words.of($0.score) }, isReversed: true), marks: marks,
      height: 16 * Double(scores.count))
  }
  return Figure(
    name: "matrix-\(task.task)",
    title: "Mean rho of gradient scores by intervention, \(Words.task(task.task, seeds: task.seeds.count))",
    description:
      "Red: the more gradient, the more effect; blue: the reverse. ±: the sign of the score's rho depends on the intervention, tested at 0.05 "
      + "divided by the number of causal scores.",
    panels: panels)
}

/// The mean interaction of every two components: their joint effect minus the sum of their single effects.
func pairFigure(_ task: RigorousSummary.TaskFindings, _ runs: [RunRecord]) -> Figure? {
  let own = runs.filter { $0.task == task.task }
  let names = own.first?.components.map(\.name) ?? []
  let matrices = own.compactMap { run -> [[Double]]? in
    guard run.components.map(\.name) == names, let rows = run.rigorous?.redundancy.pairInteractions,
      rows.count == names.count, rows.allSatisfy({ $0.count == names.count })
    else { return nil }
    return rows
  }
  guard !matrices.isEmpty, names.count > 1 else { return nil }
  let means = names.indices.map { first in
    names.indices.map { second in mean(matrices.map { $0[first][second] }) ?? 0 }
  }
  let largest = means.flatMap { $0.map(abs) }.max() ?? 0
  let marks = names.indices.flatMap { first in
    names.indices.map { second in
      Figure.Mark.cell(
        .init(x: Double(second), y: -Double(first)), largest > 0 ? means[first][second] / largest : 0,
        text: first == second ? "·" : "",
        label:
          "\(names[first]) and \(names[second]): \(NumberText.fixed(means[first][second], digits: 4)), n \(matrices.count)",
        component: names[first])
    }
  }
  return Figure(
    name: "pairs-\(task.task)",
    title: "Interactions of two components, \(Words.task(task.task, seeds: matrices.count))",
    description:
      "Mean over seeds of the joint effect of mean ablation on log-probability minus the sum of the single effects. Red: together they cost "
      + "more (redundant), blue: less. The deepest colour is \(NumberText.fixed(largest, digits: 3)).",
    panels: [
      .init(
        x: .names("second component", names, isTurned: true),
        y: .names("first component", names, isReversed: true),
        marks: marks, height: 12 * Double(names.count))
    ])
}
