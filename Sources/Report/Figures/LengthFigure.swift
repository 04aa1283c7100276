/// Mean rho with its interval by length, one series for each task. The training lengths together stand left of the others.
func lengthFigure(_ summary: RigorousSummary) -> Figure? {
  let tasks = summary.tasks.filter { $0.lengths.contains { $0.rho.mean != nil } }
  let rows = tasks.flatMap(\.lengths)
  let lengths = Set(rows.filter { !$0.inDistribution }.map(\.length)).sorted()
  guard let first = lengths.first, let last = lengths.last else { return nil }
  let training = Double(first) - 1.5
  var marks: [Figure.Mark] = [.rule(0), .rule(Double(first) - 0.75, isHorizontal: false)]
  for (place, task) in tasks.enumerated() {
    let shift = 0.08 * (Double(place) - Double(tasks.count - 1) / 2)
    let points = task.lengths.compactMap { row in
      row.rho.mean.map { mean in
        (
          row: row,
          point: Figure.Point(x: (row.inDistribution ? training : Double(row.length)) + shift, y: mean)
        )
      }
    }
    marks.append(.line(points.filter { !$0.row.inDistribution }.map(\.point), .series(place)))
    for (row, point) in points {
      let style = Figure.Style.series(place).of(row.rho)
      if let interval = row.rho.interval { marks.append(.interval(interval, at: point.x, style)) }
      let length = row.inDistribution ? "training lengths" : "length \(row.length)"
      marks.append(
        .point(
          point, style,
          label:
            "\(Words.of(task.task)), \(length): \(NumberText.interval(row.rho, digits: 2)), n \(row.rho.count), accuracy "
            + NumberText.fixed(row.accuracy.mean, digits: 2)))
    }
  }
  return Figure(
    name: "lengths", title: "Rho of the published gradient score with mean ablation, by length",
    description:
      "Mean rho over seeds on exact match, with 95 % confidence intervals, for the training lengths together and for each longer length. A "
      + "curve ends where no seed has a rho, for example because accuracy is 0. \(Figure.Style.hollowMeaning)",
    panels: [
      .init(
        x: .init(
          label: "length (integers in a sequence)", range: (training - 0.6)...(Double(last) + 0.5),
          ticks: [.init(value: training, label: "training")]
            + lengths.map { .init(value: Double($0), label: "\($0)") }),
        y: .rhos("mean rho", rows.map(\.rho)), marks: marks)
    ],
    legend: tasks.enumerated().map {
      .init(name: Words.task($0.element.task, seeds: $0.element.seeds.count), style: .series($0.offset))
    })
}
