import Benchmark
import Foundation
import Report

/// The measurements of `bench` as tables for a terminal.
struct BenchTables {
  let text: String

  init(_ report: BenchmarkReport) {
    let sections = [
      Self.head(report), Self.operations(report), Self.training(report), Self.scaling(report),
      Self.profile(report), Self.rest(report),
    ]
    text = sections.compactMap { $0 }.joined(separator: "\n")
  }

  private static func head(_ report: BenchmarkReport) -> String {
    let (device, roof) = (report.device, report.roof)
    return """
      \(device.selector): \(device.name), \(device.computeUnits) units, \(device.driver)
      roof: \(number(roof.gflops, 1)) GFLOP/s of multiply-adds, \
      \(number(roof.gigabytesPerSecond, 1)) GB/s through memory
      medians of \(report.rounds) interleaved rounds, in brackets the least and the greatest;
      of roof: of the best round's, above 100 % where operands lie in a cache and memory bounds

      """
  }

  private static func operations(_ report: BenchmarkReport) -> String? {
    var table = TableText(columns: [
      .init("operation", .left), .init("shape", .left), .init("ms"), .init("GFLOP/s"), .init("GB/s"),
      .init("of roof"), .init("bound by", .left),
    ])
    table.rows = report.operations.map {
      [
        $0.operation, $0.shape, number($0.milliseconds.median, 3), number($0.gflops, 1),
        number($0.gigabytesPerSecond, 1), percent($0.share), $0.bound,
      ]
    }
    return table.rows.isEmpty ? nil : table.render()
  }

  private static func training(_ report: BenchmarkReport) -> String? {
    var table = TableText(columns: [
      .init("training", .left), .init("models"), .init("ms a step"), .init("useful GFLOP"),
      .init("GFLOP/s"), .init("of roof"), .init("ms a seed"), .init("steps/s a seed"),
      .init("launches"),
    ])
    table.rows = report.training.map {
      [
        $0.name, String($0.models), number($0.milliseconds, 2), number($0.gigaflop, 2),
        number($0.gflops, 1), percent($0.share), number($0.millisecondsASeed, 2),
        number($0.stepsPerSecond, 2), $0.launches.map(String.init) ?? "",
      ]
    }
    return table.rows.isEmpty ? nil : table.render()
  }

  private static func scaling(_ report: BenchmarkReport) -> String? {
    var table = TableText(columns: [
      .init("a step by", .left), .init("sizes and ms", .left), .init("ms for each"), .init("ms at none"),
      .init("r²"),
    ])
    table.rows = report.scaling.map { series in
      let points = series.points.map { "\($0.size): \(number($0.milliseconds.median, 2))" }
      return [
        series.size, points.joined(separator: ", "), number(series.slope, 3), number(series.intercept, 2),
        number(series.r2, 4),
      ]
    }
    return table.rows.isEmpty ? nil : table.render()
  }

  private static func profile(_ report: BenchmarkReport) -> String? {
    guard let profile = report.profile else { return nil }
    var table = TableText(columns: [
      .init("in a step, one by one", .left), .init("calls"), .init("ms"), .init("share"),
      .init("GFLOP/s"), .init("of roof"),
    ])
    let total = profile.lines.reduce(0) { $0 + $1.milliseconds.median }
    table.rows = profile.lines.map {
      [
        $0.operation, String($0.calls), number($0.milliseconds.median, 3),
        percent($0.milliseconds.median / total), $0.gflops.map { number($0, 1) } ?? "",
        $0.gflops.map { percent($0 / report.roof.gflops.max) } ?? "",
      ]
    }
    table.rows.append(["all", String(profile.calls), number(total, 3), percent(1)])
    return table.render()
  }

  private static func rest(_ report: BenchmarkReport) -> String? {
    var table = TableText(columns: [.init("else", .left), .init("value")])
    if let evaluation = report.evaluation {
      table.rows += [
        ["evaluation of \(evaluation.samples) samples, ms", number(evaluation.milliseconds, 1)],
        ["evaluation, samples/s", number(evaluation.samplesPerSecond, 0)],
        ["21 evaluations of the same samples, ms", number(evaluation.pairedMilliseconds, 1)],
      ]
    }
    if let analysis = report.analysis {
      table.rows.append(["analysis at the published counts, ms", number(analysis.milliseconds, 1)])
      for (name, time) in analysis.parts.sorted(by: { $0.key < $1.key }) {
        table.rows.append(["  \(name), ms", number(time, 1)])
      }
    }
    for process in report.processes {
      if let start = process.secondsToFirstStep {
        table.rows.append(["\(process.name): start to first step, s", number(start, 3)])
      }
      if let bytes = process.peakBytes {
        table.rows.append(["\(process.name): peak memory, MB", number(Double(bytes) * 1e-6, 0)])
      }
    }
    return table.rows.isEmpty ? nil : table.render()
  }

  private static func number(_ value: Double, _ digits: Int) -> String {
    String(format: "%.\(digits)f", value)
  }

  private static func number(_ spread: Spread, _ digits: Int) -> String {
    "\(number(spread.median, digits)) [\(number(spread.min, digits)), \(number(spread.max, digits))]"
  }

  private static func percent(_ share: Double) -> String { String(format: "%.0f %%", 100 * share) }
}
