import Errors
import Records

/// The paper's Table 6: in-distribution accuracy of a sorting model with all its heads, and with all its bloats pruned together. One line
/// for each seed, ours beside the paper's.
func bloatPruningFigure(_ summary: Summary, _ paper: PaperTables) -> Figure? {
  let ours = summary.tasks.flatMap { $0.bloatPruning?.rows ?? [] }.compactMap { row -> Pair? in
    guard let base = row.idBase, let pruned = row.idPruned else { return nil }
    return Pair(seed: row.seed, base: base, pruned: pruned, bloats: row.bloats.count)
  }
  guard !ours.isEmpty else { return nil }
  let theirs = paper.bloatPruning.map {
    Pair(seed: $0.seed, base: $0.idBase, pruned: $0.idPruned, bloats: $0.bloats)
  }
  func panel(_ title: String, _ pairs: [Pair], _ style: Figure.Style) -> Figure.Panel {
    Figure.Panel(
      title: "\(title) (\(NumberText.seeds(pairs.count)))",
      x: .names("", ["all heads", "without bloats"]),
      y: .init(label: "in-distribution accuracy (share)", range: 0...1.04),
      marks: pairs.flatMap { $0.marks(style) }, height: 150)
  }
  return Figure(
    name: "bloat-pruning", title: "Accuracy in distribution with all bloats among the heads pruned together",
    description:
      "One line for each seed of a sorting model trained for this experiment (the paper's Table 6); a line that rises is a model that is better "
      + "without its bloats.",
    panels: [panel("ours", ours, .series(0)), panel("the paper", theirs, .paper)], columns: 2,
    legend: [.init(name: "ours", style: .series(0)), .init(name: "the paper's", style: .paper)])
}

/// A model before and after pruning.
private struct Pair {
  var seed: Int
  var base, pruned: Double
  var bloats: Int

  func marks(_ style: Figure.Style) -> [Figure.Mark] {
    let points = [Figure.Point(x: 0, y: base), Figure.Point(x: 1, y: pruned)]
    let label =
      "seed \(seed): \(NumberText.fixed(base, digits: 2)), without \(counted(bloats, "bloat")) \(NumberText.fixed(pruned, digits: 2))"
    return [.line(points, style)] + points.map { .point($0, style, label: label) }
  }
}
