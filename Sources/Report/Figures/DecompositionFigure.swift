/// A waterfall chart from the published rho to the rigorous one. Each bar spans the mean change of one step;
/// whiskers show the interval of the mean rho after the step.
func decompositionFigure(_ task: RigorousSummary.TaskFindings) -> SVG? {
  let steps = task.decomposition.steps.compactMap { step in
    step.rho.mean.map { (step: step, mean: $0) }
  }
  guard !steps.isEmpty else { return nil }
  let reach = steps.flatMap { found -> [Double] in
    let interval = found.step.rho.interval
    return [found.mean, interval?.lower ?? 0, interval?.upper ?? 0]
  }
  var plot = Plot(
    title: "From the published rho to the rigorous one, \(task.task)", width: 760, height: 400,
    x: 0...Double(steps.count), y: min(0, reach.min() ?? 0)...max(1, reach.max() ?? 1))
  plot.drawY("mean rho")
  plot.svg.line((plot.x.start, plot.y(0)), (plot.x.end, plot.y(0)), Palette.axis)
  var before = 0.0
  for (place, (step, mean)) in steps.enumerated() {
    let centre = plot.x(Double(place) + 0.5)
    let (low, high) = (min(before, mean), max(before, mean))
    let colour = place == 0 ? Palette.quiet : mean >= before ? Palette.colour(0) : Palette.colour(1)
    plot.svg.rectangle(
      x: centre - 28, y: plot.y(high), width: 56, height: max(1, plot.y(low) - plot.y(high)), colour)
    plot.vertical(step.rho.interval, at: centre, "#000000")
    plot.svg.circle((centre, plot.y(mean)), radius: 2.5, "#000000")
    plot.svg.text(step.step, at: (centre, plot.y.start + 16 + 14 * Double(place % 2)), .middle, size: 11)
    before = mean
  }
  return plot.svg
}
