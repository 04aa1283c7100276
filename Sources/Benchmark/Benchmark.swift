import Compute
import Foundation
import OperationSuite

/// Times the operations, trainings, evaluations and the start of one device in interleaved rounds. Every
/// round measures everything once, so that a slowdown of the machine affects all of it.
///
/// ```swift
/// var options = Benchmark.Options()
/// options.quick = true
/// let report = try Benchmark(on: device, options, executable: nil) { print($0) }.run()
/// ```
package struct Benchmark {
  /// What to measure.
  package struct Options: Sendable {
    /// The names of the operations to time, and nothing else; nil for everything.
    package var operations: [String]?
    /// Whether to use fewer rounds and the study's sizes only.
    package var quick = false
    /// Whether to time operations at the sizes of large language models, and nothing else.
    package var large = false
    /// Whether to time steps at several numbers of layers, sequences and models.
    package var scaling = false

    package init() {}
  }

  package let device: any Device
  package let options: Options
  /// This program, which is started again to measure memory and start-up; nil skips both.
  package let executable: URL?
  private let progress: (String) -> Void

  package init(
    on device: any Device, _ options: Options, executable: URL?, progress: @escaping (String) -> Void
  ) {
    self.device = device
    self.options = options
    self.executable = executable
    self.progress = progress
  }

  /// - Throws: `CaseFailure.unknownOperation`, `BenchmarkError`, or what the device throws.
  package func run() throws -> BenchmarkReport {
    guard let measurable = device as? any RoofMeasurable else {
      throw BenchmarkError.notMeasurable(device.description.selector)
    }
    if options.large { return try runLarge(measurable) }
    let cases = try selectedCases()
    progress("preparing \(cases.count) operations")
    let roof = try RoofMeasurement(measurable)
    let operations = try cases.map { try OperationMeasurement($0, on: device) }
    let whole = options.operations == nil ? try WholeMeasurement(self) : nil
    for round in 1...rounds {
      progress("round \(round) of \(rounds)")
      try roof.measure()
      for operation in operations { try operation.measure() }
      try whole?.measure()
    }
    var report = BenchmarkReport(
      device: device.description, rounds: rounds, roof: roof.roof,
      operations: operations.map { $0.timing(under: roof.roof) })
    try whole?.complete(&report)
    return report
  }

  private var rounds: Int { options.quick ? 3 : 7 }

  /// The operands of two cases would not fit into the memory of every device: one after another is timed.
  private func runLarge(_ measurable: any RoofMeasurable) throws -> BenchmarkReport {
    let roof = try RoofMeasurement(measurable)
    for _ in 1...rounds { try roof.measure() }
    let operations = try selectedCases().map { test in
      progress("\(test.operation), \(test.shape)")
      let operation = try OperationMeasurement(test, on: device)
      for _ in 1...rounds { try operation.measure() }
      return operation.timing(under: roof.roof)
    }
    return BenchmarkReport(
      device: device.description, rounds: rounds, roof: roof.roof, operations: operations)
  }

  /// Queues what ``run()`` times once, so that a driver shows what it is asked for.
  package func queueOperations() throws {
    if let measurable = device as? any RoofMeasurable { _ = try RoofMeasurement(measurable) }
    for test in try selectedCases() { try test.prepare(on: device, seed: 1).launch() }
  }

  private func selectedCases() throws -> [OperationCase] {
    let known = OperationSuite.all.map(\.name)
    for name in options.operations ?? [] where !known.contains(name) {
      throw CaseFailure.unknownOperation(name, known: known)
    }
    let chosen = OperationSuite.all.filter { options.operations?.contains($0.name) ?? true }
    if options.large { return chosen.flatMap(\.large) }
    return chosen.flatMap { options.quick ? Array($0.benchmarks.prefix(6)) : $0.benchmarks }
  }
}
