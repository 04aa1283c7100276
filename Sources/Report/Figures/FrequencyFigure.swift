import Records

/// The paper's Table 3 as bars: in which share of the seeds each component is a hero, or a bloat; the paper's share as a cross.
func frequencyFigure(_ task: TaskSummary, _ paper: PaperTables) -> Figure? {
  let seeds = task.alignment.count
  let isPapers = PaperTables.name(ofTask: task.task) == PaperTables.sorting
  let theirs = isPapers ? paper.sortingFrequency : nil
  let panels = [
    panel("heroes", task.heroFrequency, theirs?.heroes, .series(0), seeds, paper.seeds.count),
    panel("bloats", task.bloatFrequency, theirs?.bloats, .series(1), seeds, paper.seeds.count),
  ].compactMap(\.self)
  guard !panels.isEmpty, seeds > 0 else { return nil }
  let series = [("heroes", Figure.Style.series(0)), ("bloats", .series(1))].filter { name, _ in
    panels.contains { $0.title == name }
  }
  return Figure(
    name: "frequency-\(task.task)",
    title: "How often a component is a hero or a bloat, \(Words.task(task.task, seeds: seeds))",
    description:
      "Bars: the share of our counted seeds in which the component is a hero, or a bloat, the most frequent first, at most \(mostComponents)."
      + (isPapers
        ? " Crosses: the paper's share of \(paper.seeds.count) seeds, which it gives for the five most frequent."
        : ""),
    panels: panels, columns: 2,
    legend: series.map { .init(name: "ours, \($0)", style: $1) }
      + (isPapers ? [.init(name: "the paper's", style: .paper)] : []))
}

private let mostComponents = 12
/// A panel has room for so many, so that a single bar does not fill it.
private let fewestPlaces = 6

private func panel(
  _ title: String, _ ours: [Frequency], _ theirs: [String: Int]?, _ style: Figure.Style, _ seeds: Int,
  _ papersSeeds: Int
) -> Figure.Panel? {
  let others = Frequency.order(theirs ?? [:]).map(\.name).filter { name in !ours.contains { $0.name == name }
  }
  // Those that only the paper has must not be lost behind ours.
  let names = ours.prefix(max(0, mostComponents - others.count)).map(\.name) + others
  guard !names.isEmpty, seeds > 0 else { return nil }
  let marks = names.enumerated().flatMap { place, name -> [Figure.Mark] in
    let count = ours.first { $0.name == name }?.count ?? 0
    let bar = Figure.Mark.bar(
      at: Double(place), from: 0, to: Double(count) / Double(seeds), width: 0.7, style,
      label: "\(name): \(count) of \(seeds)", component: name)
    guard let papers = theirs?[name] else { return [bar] }
    let share = Double(papers) / Double(papersSeeds)
    return [
      bar,
      .point(
        .init(x: Double(place), y: share), .paper, label: "the paper, \(name): \(papers) of \(papersSeeds)",
        component: name),
    ]
  }
  return Figure.Panel(
    title: title, x: .names("component", names, isTurned: true, places: fewestPlaces),
    y: .init(label: "share of seeds", range: 0...1.04), marks: marks, height: 130)
}
