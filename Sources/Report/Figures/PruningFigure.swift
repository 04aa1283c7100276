import Records

/// Out-of-distribution accuracy of the whole model, without its two strongest heroes, and without its two strongest bloats: bars for the
/// mean over our seeds, marks for the seeds, and the paper's model.
func pruningFigure(_ summary: Summary, _ runs: [RunRecord], _ paper: PaperTables) -> Figure? {
  let panels = summary.tasks.compactMap { task -> Figure.Panel? in
    let pruned = runs.filter { $0.task == task.task && $0.ood.inWindow }.compactMap { run in
      run.pruning.map { (seed: run.seed, result: $0) }
    }
    guard !pruned.isEmpty else { return nil }
    let papers = paper.pruning.filter { $0.task == PaperTables.name(ofTask: task.task) }
    var marks: [Figure.Mark] = []
    let kinds: [(RunRecord.Pruning) -> Double?] = [{ $0.baseline }, { $0.pruneHeroes }, { $0.pruneBloats }]
    for (place, value) in kinds.enumerated() {
      let found = pruned.compactMap { run in value(run.result).map { (seed: run.seed, value: $0) } }
      let mean = found.map(\.value).reduce(0, +) / Double(max(found.count, 1))
      if !found.isEmpty {
        marks.append(
          .bar(
            at: Double(place), from: 0, to: mean, width: 0.6, [.quiet, .series(0), .series(1)][place],
            label: "mean \(NumberText.fixed(mean, digits: 3)), n \(found.count)"))
      }
      for (number, seed) in found.prefix(100).enumerated() {
        let offset = found.count > 1 ? 0.4 * Double(number) / Double(min(found.count, 100) - 1) - 0.2 : 0
        marks.append(
          .point(
            .init(x: Double(place) + offset, y: seed.value), .seed,
            label: "seed \(seed.seed): \(NumberText.fixed(seed.value, digits: 3))"))
      }
      for row in papers {
        let theirs = [row.baseline, row.pruneHeroes, row.pruneBloats][place]
        marks.append(
          .point(
            .init(x: Double(place) + 0.38, y: theirs), .paper,
            label: "the paper, seed \(row.seed): \(NumberText.fixed(theirs, digits: 3))"))
      }
    }
    return Figure.Panel(
      title: Words.task(task.task, seeds: pruned.count),
      x: .names("", ["whole", "no heroes", "no bloats"]),
      y: .init(label: "exact-match accuracy (share)", range: 0...1.02), marks: marks, height: 150)
  }
  guard !panels.isEmpty else { return nil }
  let hasPapers = summary.tasks.contains { task in
    paper.pruning.contains { $0.task == PaperTables.name(ofTask: task.task) }
  }
  return Figure(
    name: "pruning", title: "Accuracy with two heroes, or two bloats, ablated together",
    description:
      "Exact-match accuracy out of distribution of the whole model, and without its two strongest heroes or bloats. Bars are means over the "
      + "counted seeds, circles are seeds.",
    panels: panels, columns: 2,
    legend: [.init(name: "a seed of ours", style: .seed)]
      + (hasPapers ? [.init(name: "the paper's model", style: .paper)] : []))
}
