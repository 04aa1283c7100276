/// Mean rho with its interval by length, one colour for each task. A hollow point at the longest training
/// length stands for the training lengths.
func lengthFigure(_ summary: RigorousSummary) -> SVG? {
  let tasks = summary.tasks.filter { $0.lengths.contains { $0.rho.mean != nil } }
  let lengths = tasks.flatMap(\.lengths).map(\.length)
  guard let first = lengths.min(), let last = lengths.max() else { return nil }
  var plot = Plot(
    title: "Rho of the published gradient score with mean ablation, by length", width: 760, right: 130,
    x: (Double(first) - 0.5)...(Double(last) + 0.5), y: -1...1)
  plot.drawX(
    "length (hollow: the training lengths together)", ticks: (first...last).map(Double.init))
  plot.drawY("mean rho")
  for (place, task) in tasks.enumerated() {
    let colour = Palette.colour(place)
    let shift = 5 * (Double(place) - Double(tasks.count - 1) / 2)
    let rows = task.lengths.compactMap { row in row.rho.mean.map { (row, $0) } }
    let beyond = rows.filter { !$0.0.inDistribution }
    plot.svg.polyline(beyond.map { (plot.x(Double($0.0.length)) + shift, plot.y($0.1)) }, colour)
    for (row, mean) in rows {
      let x = plot.x(Double(row.length)) + shift
      plot.vertical(row.rho.interval, at: x, colour)
      plot.svg.circle((x, plot.y(mean)), radius: 3.4, colour, filled: !row.inDistribution)
    }
  }
  plot.legend(tasks.enumerated().map { ($0.element.task, Palette.colour($0.offset)) })
  return plot.svg
}
