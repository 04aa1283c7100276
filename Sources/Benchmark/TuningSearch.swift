import Compute
import Foundation
import OperationSuite

/// Finds the fastest parameters of one kernel. Every candidate is compared with the reference before it is timed.
package struct TuningSearch {
  /// What the search is about: a kernel file, its parameters, and a device that runs with them.
  package struct Subject {
    package var kernel: String
    /// The parameters that the kernel has without tuning.
    package var defaults: [String: Int]
    /// Every set of parameters that the kernel's constraints allow.
    package var candidates: [[String: Int]]
    /// Whether an operation runs the kernel.
    package var runs: (_ operation: String) -> Bool
    package var makeDevice: ([String: Int]) throws -> any Device

    package init(
      kernel: String, defaults: [String: Int], candidates: [[String: Int]],
      runs: @escaping (_ operation: String) -> Bool,
      makeDevice: @escaping ([String: Int]) throws -> any Device
    ) {
      self.kernel = kernel
      self.defaults = defaults
      self.candidates = candidates
      self.runs = runs
      self.makeDevice = makeDevice
    }
  }

  package struct Result: Encodable {
    package var parameters: [String: Int]
    /// The geometric mean over the benchmark's shapes, so that large and small shapes count equally; nil if
    /// the candidate failed.
    package var gigaflops: Double?
    /// The reason for the failure.
    package var failure: String?

    /// The parameters as text, such as `TILE_DEPTH 16, TILE_ROWS 64`.
    package var text: String {
      parameters.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }
  }

  package struct Outcome: Encodable {
    package var kernel: String
    package var defaults: Result
    package var best: Result
    /// The candidates in the order of their measurement, the defaults first.
    package var candidates: [Result]

    enum CodingKeys: String, CodingKey {
      case kernel, best, candidates
      case defaults = "standard"
    }
  }

  private let subject: Subject
  private let reference: any Device
  private let quick: Bool
  private let operations: [OperationDescriptor]

  /// In a quick search, the number of timed cases of each operation and of tried candidates.
  private static let quickLimit = (cases: 2, candidates: 8)

  package init(_ subject: Subject, reference: any Device, quick: Bool) {
    self.subject = subject
    self.reference = reference
    self.quick = quick
    operations = OperationSuite.all.filter { subject.runs($0.name) }
  }

  /// Measures every candidate, then the defaults and the two fastest others again.
  ///
  /// - Parameter progress: called with a line for each measurement.
  /// - Throws: `ComputeError` if even the default parameters fail.
  package func run(progress: (String) -> Void) throws -> Outcome {
    var results: [Result] = []
    for parameters in candidates() {
      let result = measure(parameters)
      results.append(result)
      progress("\(result.text): \(result.gigaflops.map(speed) ?? result.failure ?? "")")
    }
    guard let first = results.first, first.gigaflops != nil else {
      throw ComputeError.unavailable(
        "\(subject.kernel) fails with its default parameters: \(results.first?.failure ?? "")")
    }
    let final = rematch(results)
    progress("final: " + final.map { "\($0.text) \(speed($0.gigaflops ?? 0))" }.joined(separator: "; "))
    let best = final.max { ($0.gigaflops ?? 0) < ($1.gigaflops ?? 0) } ?? final[0]
    return Outcome(kernel: subject.kernel, defaults: final[0], best: best, candidates: results)
  }

  /// The default parameters first, then the other candidates. A quick search takes some of them at equal
  /// distances.
  private func candidates() -> [[String: Int]] {
    let others = subject.candidates.filter { $0 != subject.defaults }
    let limit = Self.quickLimit.candidates
    guard quick, others.count > limit else { return [subject.defaults] + others }
    return [subject.defaults] + (0..<limit).map { others[$0 * others.count / limit] }
  }

  private func measure(_ parameters: [String: Int]) -> Result {
    do {
      let device = try subject.makeDevice(parameters)
      let verdicts = try validate(
        device, against: reference, operations: operations.map(\.name), depth: .quick)
      if let failed = verdicts.first(where: { !$0.passed }) {
        let reason = failed.message ?? "error \(failed.error) over its bound \(failed.bound)"
        return Result(parameters: parameters, failure: "\(failed.operation), \(failed.shape): \(reason)")
      }
      let cases = operations.flatMap { operation in
        quick ? Array(operation.benchmarks.prefix(Self.quickLimit.cases)) : operation.benchmarks
      }
      let logarithms = try cases.map { log($0.flops / (try time($0, on: device))) }
      let mean = logarithms.reduce(0, +) / Double(logarithms.count)
      return Result(parameters: parameters, gigaflops: exp(mean) * 1e-9)
    } catch {
      return Result(parameters: parameters, failure: "\(error)")
    }
  }

  /// Measures the default parameters and the two fastest other candidates again, in turns, so that other work
  /// of the machine during a long search does not decide the winner. The better of two turns counts. A
  /// candidate that is not 3 % faster than the defaults is left out.
  private func rematch(_ results: [Result]) -> [Result] {
    let others = results.dropFirst().filter { $0.gigaflops != nil }
      .sorted { ($0.gigaflops ?? 0) > ($1.gigaflops ?? 0) }
    var final = results.prefix(1) + others.prefix(2)
    for index in final.indices { final[index].gigaflops = nil }
    for _ in 0..<2 {
      for index in final.indices {
        let again = measure(final[index].parameters).gigaflops ?? 0
        final[index].gigaflops = max(final[index].gigaflops ?? 0, again)
      }
    }
    let limit = 1.03 * (final[0].gigaflops ?? 0)
    return Array(final.prefix(1) + final.dropFirst().filter { ($0.gigaflops ?? 0) > limit })
  }

  /// The seconds of one launch: the least over rounds that are long enough to measure.
  private func time(_ test: OperationCase, on device: any Device) throws -> Double {
    let prepared = try test.prepare(on: device, seed: 1)
    func seconds(_ launches: Int) throws -> Double {
      let start = ContinuousClock.now
      for _ in 0..<launches { try prepared.launch() }
      try device.synchronize()
      return (ContinuousClock.now - start) / .seconds(1)
    }
    _ = try seconds(1)
    let once = max(try seconds(1), 1e-7)
    let launches = max(1, min(1000, Int((quick ? 0.01 : 0.03) / once)))
    return try (0..<(quick ? 2 : 4)).map { _ in try seconds(launches) / Double(launches) }.min() ?? once
  }
}

private func speed(_ gigaflops: Double) -> String { String(format: "%.2f GFLOP/s", gigaflops) }
